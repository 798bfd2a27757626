import type { Account } from '../account.ts';
import type { Key } from '../key.ts';
import { ourKey } from '../http/marker.ts';
import { z } from 'zod';
import type { GithubClient } from './api/client.ts';
import * as schema from './api/schema.ts';

/** An issue or a pull request of ours, as far as it never changes. */
export interface Authored {
  readonly number: number;
  readonly isPull: boolean;
  readonly key: Key;
}

/** All that our account opened here and marked; by listing, since the index of the search lags. */
export interface AuthoredIndex {
  /** Of that key, lowest number first. */
  find(key: Key, kind: 'issue' | 'pull'): Promise<readonly number[]>;
}

/**
 * Keeps what it has seen: newest first it reads until it meets something known, which for an account with thousands of
 * pull requests is one page instead of dozens for each question.
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
    // Only after the last page: a listing that broke off would leave a gap that looks known.
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
