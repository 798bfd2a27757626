import { notFound, type Call } from './answer.ts';
import { issueOf } from './issues.ts';
import type { IssueRecord, PullRecord } from './state.ts';
import type { World } from './world.ts';

/** A pull request with what it has beyond an issue. */
export interface PullIssue extends IssueRecord {
  readonly pull: PullRecord;
}

/** The pull request that the address names. @throws Refusal 404, also for an issue of that number. */
export function pullOf(call: Call): PullIssue {
  const issue = issueOf(call);
  if (!isPull(issue)) throw notFound();
  return issue;
}

export function isPull(issue: IssueRecord): issue is PullIssue {
  return issue.pull !== null;
}

export function pullsOf(world: World): readonly PullIssue[] {
  return [...world.state.issues.values()].filter(isPull);
}
