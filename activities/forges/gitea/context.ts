import { inOrder } from '../../host/in-order.ts';
import { ForgeError } from '../../failure/forge-error.ts';
import type { Account } from '../account.ts';
import type { Connection } from '../http/connection.ts';
import { accountAnswer } from './answers.ts';
import { createClient, type Client } from './client.ts';
import { mayBeDone, unreadable } from './errors.ts';

/** What every part of the adapter works at: requests, who we are, and one at a time for the same effect. */
export interface GiteaContext {
  readonly client: Client;
  readonly connection: Connection;
  /** @throws ForgeError `auth`. */
  me(): Promise<Account>;
  /** Effects of the same name one after the other, in this process. */
  alone<T>(name: string, job: () => Promise<T>): Promise<T>;
}

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

/** Asks once; a failure is not remembered, since the next call may find a better credential, or the server back. */
export function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | null = null;
  return () => {
    answer ??= ask().catch((error: unknown) => {
      answer = null;
      throw error;
    });
    return answer;
  };
}

/** A write whose reply may be lost: what is there decides, looked up once more. @throws what the write threw, where it was not done. */
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
  if (value === null) throw failed ?? unreadable('list after a write', 'what was made is not in it');
  return { value, isOurs: !(failed instanceof ForgeError && failed.kind === 'already-exists') };
}

export interface Made<T> {
  readonly value: T;
  /** False: somebody else made it in the same moment. */
  readonly isOurs: boolean;
}

/** A write that can be seen to be done, for where its reply is lost. @throws what the write threw, where it was not done. */
export async function doneAnyway(write: () => Promise<unknown>, isDone: () => Promise<boolean>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!mayBeDone(error) || !(await isDone())) throw error;
  }
}
