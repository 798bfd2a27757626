import { z } from 'zod';
import type { Account } from '../account.ts';

// The fields of Gitea's answers that we read, and no others: changes elsewhere do not concern us.

const user = z.object({ id: z.number(), login: z.string() });

/** Deleted accounts leave their texts behind. */
const author = user.nullish().transform((found) => accountOf(found ?? { id: 0, login: 'ghost' }));

const text = z
  .string()
  .nullish()
  .transform((found) => found ?? '');

const time = z.string().transform((found) => Date.parse(found) || 0);

/** A time that decides something: one that cannot be parsed is an error, not the distant past. */
const exactTime = z.string().transform((found, context) => {
  const ms = Date.parse(found);
  if (Number.isNaN(ms)) context.addIssue({ code: 'custom', message: 'not a time' });
  return ms;
});

/** Gitea sometimes writes `null` for an empty list. */
function listOf<T extends z.ZodType>(item: T) {
  return z
    .array(item)
    .nullable()
    .transform((found) => found ?? []);
}

/** An account. */
export const accountAnswer = user.transform(accountOf);

const label = z.object({ id: z.number(), name: z.string() });

/** The labels of a repository or an issue. */
export const labelsAnswer = listOf(label);

/** An issue; pull requests come as issues too. */
export const issueAnswer = z.object({
  number: z.number(),
  title: text,
  body: text,
  state: z.enum(['open', 'closed']),
  labels: z.array(label).nullish(),
  user: author,
  created_at: time,
  updated_at: exactTime,
  /** Times that the body was edited; Forgejo does not tell. */
  content_version: z.number().nullish(),
  html_url: z.string().nullish(),
  pull_request: z.object({}).nullish(),
  milestone: z.object({ title: z.string() }).nullish(),
  assignees: z.array(user).nullish(),
  repository: z.object({ full_name: z.string() }).nullish(),
});

/** An issue, parsed. */
export type IssueAnswer = z.infer<typeof issueAnswer>;

/** One page of issues. */
export const issuesAnswer = listOf(issueAnswer);

/** One page of comments. */
export const commentsAnswer = listOf(z.object({ id: z.number(), user: author, body: text, updated_at: time }));

/** One page of what happened to an issue. */
export const timelineAnswer = listOf(
  z.object({
    type: z.string(),
    body: text,
    user: author,
    created_at: exactTime,
    label: label.nullish(),
    ref_issue: z
      .object({
        number: z.number(),
        pull_request: z.object({}).nullish(),
        repository: z.object({ full_name: z.string() }).nullish(),
      })
      .nullish(),
  }),
);

/** A pull request. */
export const pullAnswer = z.object({
  number: z.number(),
  title: text,
  body: text,
  state: z.enum(['open', 'closed']),
  draft: z.boolean().nullish(),
  merged: z.boolean(),
  mergeable: z.boolean().nullish(),
  merge_commit_sha: z.string().nullish(),
  html_url: z.string().nullish(),
  user: author,
  base: z.object({ ref: z.string(), repo_id: z.number() }),
  head: z.object({
    label: z.string(),
    ref: z.string(),
    sha: z.string(),
    repo_id: z.number(),
    repo: z.object({ full_name: z.string() }).nullish(),
  }),
});

/** A pull request, parsed. */
export type PullAnswer = z.infer<typeof pullAnswer>;

/** One page of pull requests. */
export const pullsAnswer = listOf(pullAnswer);

/** What an issue and a pull request have in common. */
export const stateAnswer = z.object({ state: z.enum(['open', 'closed']), body: text });

/** One page of reviews. */
export const reviewsAnswer = listOf(
  z.object({
    id: z.number(),
    user: author,
    state: z.string(),
    body: text,
    comments_count: z.number().nullish(),
  }),
);

/** A review, parsed. */
export type ReviewAnswer = z.infer<typeof reviewsAnswer>[number];

/** The remarks of one review. */
export const reviewCommentsAnswer = listOf(
  z.object({ id: z.number(), user: author, body: text, resolver: user.nullish() }),
);

/** Written as `state`, read as `status`. */
export const statusesAnswer = z
  .object({
    statuses: z
      .array(
        z.object({
          id: z.number(),
          status: z.string(),
          context: z.string(),
          description: text,
          target_url: text,
        }),
      )
      .nullish(),
  })
  .transform(({ statuses }) => statuses ?? []);

/** A commit status, parsed. */
export type StatusAnswer = z.infer<typeof statusesAnswer>[number];

/** A branch, and what its protection demands. */
export const branchAnswer = z.object({
  protected: z.boolean(),
  required_approvals: z.number().nullish(),
  enable_status_check: z.boolean().nullish(),
  status_check_contexts: z.array(z.string()).nullish(),
});

/** Only its existence matters. */
export const commitAnswer = z.object({ sha: z.string() });

/** Runs of Gitea Actions. */
export const runsAnswer = z
  .object({ workflow_runs: z.array(z.object({ id: z.number() })).nullish() })
  .transform((found) => found.workflow_runs ?? []);

/** Jobs of one run. */
export const jobsAnswer = z
  .object({ jobs: z.array(z.object({ id: z.number(), html_url: z.string().nullish() })).nullish() })
  .transform((found) => found.jobs ?? []);

/** What an account may do. */
export const permissionAnswer = z.object({ permission: z.string(), user: user.nullish() });

/** Accounts that issues can be assigned to. */
export const assigneesAnswer = listOf(user);

/** A repository, and what we may do in it. */
export const repositoryAnswer = z.object({
  private: z.boolean(),
  archived: z.boolean().nullish(),
  has_issues: z.boolean().nullish(),
  permissions: z.object({ admin: z.boolean(), push: z.boolean(), pull: z.boolean() }).nullish(),
  allow_merge_commits: z.boolean().nullish(),
  allow_squash_merge: z.boolean().nullish(),
  allow_rebase: z.boolean().nullish(),
});

/** Version of the server. */
export const versionAnswer = z.object({ version: z.string() });

function accountOf({ id, login }: z.infer<typeof user>): Account {
  return { id: String(id), login };
}
