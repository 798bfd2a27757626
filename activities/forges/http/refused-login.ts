import { ForgeError } from '../../failure/forge-error.ts';
import type { Connection } from './connection.ts';

/** The same error; one about who we are says which of the credentials was refused. */
export function namingLogin(error: unknown, { credential }: Connection): unknown {
  if (!(error instanceof ForgeError) || error.kind !== 'auth') return error;
  const { operation, status } = error;
  const facts = { ...(operation === null ? {} : { operation }), ...(status === null ? {} : { status }) };
  return new ForgeError('auth', `${error.message}; asked with ${credential.source}`, facts);
}
