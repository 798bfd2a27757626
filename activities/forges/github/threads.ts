import { z } from 'zod';
import { ForgeError } from '../../failure/forge-error.ts';
import type { Thread } from '../pull.ts';
import { keyIn } from '../key.ts';
import { threadsQuery } from './api/documents.ts';
import type { GithubContext } from './context.ts';

const comment = z.object({
  fullDatabaseId: z.union([z.string(), z.number()]).nullish(),
  body: z.string(),
  author: z.object({ databaseId: z.number().nullish() }).nullish(),
});

const page = z.object({
  repository: z.object({
    pullRequest: z.object({
      reviewThreads: z.object({
        pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullish() }),
        nodes: z.array(
          z.object({ id: z.string(), isResolved: z.boolean(), comments: z.object({ nodes: z.array(comment) }) }),
        ),
      }),
    }),
  }),
});

/** More than 100,000 threads are no pull request. */
const PAGES = 1_000;

/** Threads that an inline comment of ours began. */
export async function ourThreads({ client, me }: GithubContext, pull: number): Promise<readonly Thread[]> {
  const account = await me();
  const found: Thread[] = [];
  let after: string | null = null;
  for (let count = 0; count < PAGES; count += 1) {
    const variables = { ...client.at, number: pull, after };
    const answer: z.infer<typeof page> = await client.graphql(page, {
      name: `reviewThreads of #${pull}`,
      document: threadsQuery,
      variables,
    });
    const { nodes, pageInfo } = answer.repository.pullRequest.reviewThreads;
    for (const { id, isResolved, comments } of nodes) {
      const [first] = comments.nodes;
      const isOurs = String(first?.author?.databaseId) === account.id;
      const key = first && isOurs ? keyIn(first.body) : null;
      if (!first?.fullDatabaseId || key === null) continue;
      found.push({ id: `${first.fullDatabaseId}/${id}`, key, resolved: isResolved });
    }
    if (!pageInfo.hasNextPage || !pageInfo.endCursor) break;
    after = pageInfo.endCursor;
  }
  return found;
}

/** A thread is answered through the number of its first comment, and resolved through its own id. @throws ForgeError `not-found` for what is no id of ours. */
export function partsOf(thread: string): { readonly comment: number; readonly node: string } {
  const [, comment, node] = /^([1-9]\d{0,15})\/([A-Za-z0-9_=-]{1,200})$/.exec(thread) ?? [];
  if (comment !== undefined && node !== undefined) return { comment: Number(comment), node };
  throw new ForgeError('not-found', `no thread ${JSON.stringify(thread.slice(0, 80))}`);
}
