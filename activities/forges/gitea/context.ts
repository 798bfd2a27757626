import { once } from '../../host/once.ts';
import { inOrder } from '../../host/in-order.ts';
import { ForgeError } from '../../failure/forge-error.ts';
import type { Account } from '../account.ts';
import type { Connection } from '../http/connection.ts';
import { accountAnswer } from './answers.ts';
import { createClient, type Client } from './client.ts';
import { mayBeDone, unreadableError } from './errors.ts';

/** What the parts of the adapter share: requests, who we are, and a queue for each effect. */
export interface GiteaContext {
  readonly client: Client;
  readonly connection: Connection;
  /** @throws ForgeError `auth`. */
  me(): Promise<Account>;
  /** Runs jobs of the same name one after the other, in this process. */
  alone<T>(name: string, job: () => Promise<T>): Promise<T>;
}

/** Builds what all parts of the adapter share, over one connection. */
export function createContext(connection: Connection): GiteaContext {
  const client = createClient(connection);
  const { url, owner, name } = connection.place;
  return {
    client,
    connection,
    me: once(() => client.get('/user', accountAnswer)),
    alone: (effect, job) => inOrder(`${url}/${owner}/${name} ${effect}`, job),
  };
}

/** Writes, then looks up the result, since the reply may be lost. @throws what the write threw if it was not done. */
export async function createdOrFound<T>(
  create: () => Promise<unknown>,
  look: () => Promise<T | null>,
): Promise<Made<T>> {
  let failed: unknown = null;
  try {
    await create();
  } catch (error) {
    if (!mayBeDone(error)) throw error;
    failed = error;
  }
  const value = await look();
  if (value === null) throw failed ?? unreadableError('list after a write', 'what was made is not in it');
  return { value, isOurs: !(failed instanceof ForgeError && failed.kind === 'already-exists') };
}

/** Something that was just created. */
export interface Made<T> {
  readonly value: T;
  /** False: somebody else made it at the same moment. */
  readonly isOurs: boolean;
}

/** Writes; if the reply is lost, `isDone` decides. @throws what the write threw if it was not done. */
export async function doneAnyway(write: () => Promise<unknown>, isDone: () => Promise<boolean>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!mayBeDone(error) || !(await isDone())) throw error;
  }
}
