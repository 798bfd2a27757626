import type { Account } from '../account.ts';
import type { Key } from '../key.ts';
import { ourKey } from '../http/marker.ts';
import { z } from 'zod';
import type { GithubClient } from './api/client.ts';
import * as schema from './api/schema.ts';

/** The facts of an issue or pull request of ours that never change. */
export interface Authored {
  readonly number: number;
  readonly isPull: boolean;
  readonly key: Key;
}

/** Everything that our account opened and marked here; listed, since the search index lags. */
export interface AuthoredIndex {
  /** Those with that key, lowest number first. */
  find(key: Key, kind: 'issue' | 'pull'): Promise<readonly number[]>;
}

/**
 * Remembers what it has seen. It reads from the newest until it meets something known: for an account with thousands of
 * pull requests that is one page per question instead of dozens.
 */
export function createAuthoredIndex(client: GithubClient, me: () => Promise<Account>): AuthoredIndex {
  const seen = new Map<number, Authored | null>();

  const refresh = async () => {
    const account = await me();
    const found = new Map<number, Authored | null>();
    const pages = client.pages(z.array(schema.issue), (rest, page) =>
      rest.issues.listForRepo({
        ...client.at,
        creator: account.login,
        state: 'all',
        sort: 'created',
        direction: 'desc',
        ...page,
      }),
    );
    for await (const page of pages) {
      for (const each of page) {
        const key = ourKey({ author: each.user, body: each.body }, account);
        found.set(each.number, key === null ? null : { number: each.number, isPull: Boolean(each.pull_request), key });
      }
      if (page.some(({ number }) => seen.has(number))) break;
    }
    // Only after the last page: an interrupted listing would leave a gap that looks known.
    for (const [number, each] of found) seen.set(number, each ?? seen.get(number) ?? null);
  };

  return {
    async find(key, kind) {
      await refresh();
      const isPull = kind === 'pull';
      const ours = [...seen.values()].filter((each) => each?.key === key && each.isPull === isPull);
      return ours.flatMap((each) => each?.number ?? []).toSorted((a, b) => a - b);
    },
  };
}
