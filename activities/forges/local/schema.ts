import { z } from 'zod';

const sha = z.string().regex(/^[0-9a-f]{40,64}$/);
const number = z.number().int().positive();
const comment = z.object({ key: z.string(), body: z.string() });
const verdict = z.enum(['approved', 'needs-work']);

const thread = z.object({
  key: z.string(),
  path: z.string(),
  line: number,
  body: z.string(),
  replies: z.array(comment),
  resolved: z.boolean(),
});

/** A pull request of the local forge as it lies on disk; number, issue, branch and base never change. */
export const pullRecord = z.object({
  version: z.literal(1),
  number,
  key: z.string(),
  issue: z.object({ id: z.string(), key: z.string(), textHash: z.string() }),
  branch: z.string(),
  base: z.string(),
  /** Last known tip of the branch. */
  head: sha,
  state: z.enum(['open', 'closed', 'merged']),
  mergeSha: sha.nullable(),
  title: z.string(),
  body: z.string(),
  reviews: z.array(z.object({ key: z.string(), sha, verdict, body: z.string() })),
  /** What reviews said of single lines; left out by earlier versions. */
  threads: z.array(thread).optional(),
  comments: z.array(comment),
});

/** What the local forge keeps of an issue: how each text of it was closed, and what was said to it. */
export const issueRecord = z.object({
  version: z.literal(1),
  id: z.string(),
  key: z.string(),
  closings: z.array(
    z.object({
      textHash: z.string(),
      why: z.enum(['completed', 'not-planned']),
      because: z.string(),
      sha: sha.nullable(),
    }),
  ),
  comments: z.array(comment),
});

/** Statuses of one commit, one per context. */
export const statusRecord = z.object({
  version: z.literal(1),
  sha,
  statuses: z.array(
    z.object({ context: z.string(), state: z.enum(['pending', 'success', 'failure']), text: z.string() }),
  ),
});

/** A review thread as it lies on disk. */
export type ThreadRecord = z.infer<typeof thread>;
/** A pull request as it lies on disk, with its reviews, comments and threads. */
export type PullRecord = z.infer<typeof pullRecord>;
/** What is kept of an issue, as it lies on disk. */
export type IssueRecord = z.infer<typeof issueRecord>;
