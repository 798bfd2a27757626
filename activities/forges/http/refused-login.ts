import { ForgeError } from '../../failure/forge-error.ts';
import type { Connection } from './connection.ts';

/** Adds to an `auth` error which credential was refused; returns other errors unchanged. */
export function namingLogin(error: unknown, { credential }: Connection): unknown {
  if (!(error instanceof ForgeError) || error.kind !== 'auth') return error;
  const { operation, status } = error;
  const facts = { ...(operation === null ? {} : { operation }), ...(status === null ? {} : { status }) };
  return new ForgeError('auth', `${error.message}; asked with ${credential.source}`, facts);
}
