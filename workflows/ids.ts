import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** Queue of workflow tasks and forge activities, for any worker. */
export const mainQueue = 'millrace';

/** Queue of an issue's first step; the slots that a host offers on it are its capacity. */
export const agentsQueue = 'millrace.agents';

/** Queue of steps that need the disk of one host. */
export function hostQueue(host: string): string {
  return `millrace.host.${host}`;
}

/** Names the workflow of one issue of one repository: a second start is the same workflow. */
export function issueWorkflowId(repo: string, issueKey: string): string {
  return `issue:${repo}:${issueKey}`;
}

/** Names the workflow of one batch. */
export function batchWorkflowId(batch: string): string {
  return `batch:${batch}`;
}

/** Names the filing of one plan: a second start is the same run. */
export function fileIssuesWorkflowId(repo: string, plan: string): string {
  return `file-issues:${repo}:${plan}`;
}

/** Names the clean-up of one host: a second start is the same run. */
export function cleanupWorkflowId(host: string): string {
  return `cleanup:${host}`;
}

/** Private ref that keeps the work of one attempt. */
export function attemptRef(issueKey: string, attempt: number): string {
  return `refs/millrace/${issueKey}/${attempt}`;
}

/** Branch of an issue: `millrace/<issue>-<slug of the title, at most 40>`; `generation` 2 and up adds `-r<n>`. */
export function branchName(issueKey: string, title: string, generation = 1): string {
  const slug = title
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
  return `millrace/${issueKey}${slug ? `-${slug}` : ''}${generation > 1 ? `-r${generation}` : ''}`;
}

/** Search attributes of batches and issues: identifiers, never text; 7 of Temporal's 10 keywords, 1 of its 3 ints. */
export const attributes = {
  batch: defineSearchAttributeKey('MillraceBatch', SearchAttributeType.KEYWORD),
  issue: defineSearchAttributeKey('MillraceIssue', SearchAttributeType.KEYWORD),
  stage: defineSearchAttributeKey('MillraceStage', SearchAttributeType.KEYWORD),
  outcome: defineSearchAttributeKey('MillraceOutcome', SearchAttributeType.KEYWORD),
  pullRequest: defineSearchAttributeKey('MillracePullRequest', SearchAttributeType.KEYWORD),
  forge: defineSearchAttributeKey('MillraceForge', SearchAttributeType.KEYWORD),
  repository: defineSearchAttributeKey('MillraceRepository', SearchAttributeType.KEYWORD),
  round: defineSearchAttributeKey('MillraceRound', SearchAttributeType.INT),
} as const;
