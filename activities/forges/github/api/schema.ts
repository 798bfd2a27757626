import { z } from 'zod';
import type { Account } from '../../account.ts';

/** Who GitHub shows for accounts that are gone. */
const ghost: Account = { id: '10137', login: 'ghost' };

const number = z.number().int().positive();

/** A time, as epoch ms. */
export const time = z.string().transform((text, context) => {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) context.addIssue({ code: 'custom', message: 'not a time' });
  return ms;
});

/** An account, whose id is a text as on all forges. */
export const account = z
  .object({ id: number, login: z.string() })
  .transform(({ id, login }) => ({ id: String(id), login }));

const author = account.nullish().transform((known) => known ?? ghost);

const text = z
  .string()
  .nullish()
  .transform((known) => known ?? '');

const labelName = z.union([z.string(), z.object({ name: text }).transform(({ name }) => name)]);

/** An issue; pull requests come as issues too. */
export const issue = z.object({
  id: number,
  number,
  title: z.string(),
  body: text,
  state: z.enum(['open', 'closed']),
  state_reason: z.string().nullish(),
  labels: z.array(labelName),
  user: author,
  created_at: time,
  html_url: z.string(),
  repository_url: z.string(),
  pull_request: z.object({}).nullish(),
});

/** An issue, parsed. */
export type IssueAnswer = z.infer<typeof issue>;

/** A comment of an issue or a pull request. */
export const comment = z.object({ id: number, user: author, body: text, updated_at: time });

/** A pull request. */
export const pull = z.object({
  number,
  node_id: z.string(),
  html_url: z.string(),
  title: z.string(),
  body: text,
  state: z.enum(['open', 'closed']),
  draft: z.boolean().optional(),
  merged_at: z.string().nullable(),
  mergeable: z.boolean().nullish(),
  mergeable_state: z.string().optional(),
  merge_commit_sha: z.string().nullish(),
  auto_merge: z.object({}).nullish(),
  user: author,
  head: z.object({ ref: z.string(), sha: z.string(), repo: z.object({ full_name: z.string() }).nullish() }),
  base: z.object({ ref: z.string() }),
});

/** A pull request, parsed. */
export type PullAnswer = z.infer<typeof pull>;

/** A review of a pull request. */
export const review = z.object({
  id: number,
  user: author,
  body: text,
  state: z.string(),
  commit_id: z.string().nullish(),
});

/** A review, parsed. */
export type ReviewAnswer = z.infer<typeof review>;

/** A remark at a line. */
export const reviewComment = z.object({ id: number, user: author, body: text, in_reply_to_id: z.number().optional() });

/** A commit status. */
export const status = z.object({
  context: z.string(),
  state: z.enum(['error', 'failure', 'pending', 'success']),
  description: text,
  target_url: z.string().nullish(),
  creator: author,
});

/** A commit status, parsed. */
export type StatusAnswer = z.infer<typeof status>;

/** A label of a repository. */
export const label = z.object({ name: z.string() });

/** A milestone of a repository. */
export const milestone = z.object({ number, title: z.string() });

/** Something that happened to an issue. */
export const event = z.object({
  event: z.string().optional(),
  actor: account.nullish(),
  label: z.object({ name: text }).nullish(),
  created_at: time,
});

/** An entry of a timeline; only references from pull requests are read. */
export const timelineEntry = z.object({
  event: z.string().optional(),
  source: z
    .object({
      issue: z
        .object({ number, body: text, repository_url: z.string(), pull_request: z.object({}).nullish() })
        .optional(),
    })
    .optional(),
});

/** What an account may do. */
export const permission = z.object({ permission: z.string(), user: account.nullish() });

/** A check run of a commit. */
export const checkRun = z.object({
  id: number,
  name: z.string(),
  status: z.string(),
  conclusion: z.string().nullish(),
  html_url: z.string().nullish(),
  details_url: z.string().nullish(),
  app: z.object({ slug: text }).nullish(),
});

/** One page of check runs. */
export const checkRuns = z.object({ check_runs: z.array(checkRun) });

/** One page of runs of GitHub Actions. */
export const workflowRuns = z.object({ workflow_runs: z.array(z.object({ id: number })) });

/** A job of one run. */
export const job = z.object({
  id: number,
  run_id: number,
  name: z.string(),
  status: z.string(),
  conclusion: z.string().nullish(),
  html_url: z.string().nullish(),
});

/** One page of jobs. */
export const jobs = z.object({ jobs: z.array(job) });

const rights = z.object({ admin: z.boolean(), maintain: z.boolean(), push: z.boolean(), pull: z.boolean() }).partial();

/** A repository, and what we may do in it. */
export const repository = z.object({
  full_name: z.string(),
  private: z.boolean(),
  archived: z.boolean().optional(),
  has_issues: z.boolean().optional(),
  permissions: rights.nullish(),
  allow_auto_merge: z.boolean().nullish(),
  allow_merge_commit: z.boolean().nullish(),
  allow_squash_merge: z.boolean().nullish(),
  allow_rebase_merge: z.boolean().nullish(),
});

/** A branch, and the checks that its protection demands. */
export const branch = z.object({
  protected: z.boolean(),
  protection: z
    .object({ required_status_checks: z.object({ contexts: z.array(z.string()).nullish() }).nullish() })
    .nullish(),
});

/** The rules that hold for a branch. */
export const rules = z.array(
  z.object({
    type: z.string(),
    parameters: z
      .object({
        required_status_checks: z.array(z.object({ context: z.string() })).nullish(),
        required_approving_review_count: z.number().nullish(),
      })
      .nullish(),
  }),
);

/** What a merge answers. */
export const merged = z.object({ sha: z.string(), merged: z.boolean() });

/** What is left of our hour. */
export const rateLimit = z.object({
  resources: z.object({ core: z.object({ limit: z.number(), remaining: z.number(), reset: z.number() }) }),
});

/** Any JSON. A bare text is the page of a proxy, which does not say what was done. */
export const anything = z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())]);

/** An answer without a body, as Octokit gives it. */
export const nothing = z.literal('');
