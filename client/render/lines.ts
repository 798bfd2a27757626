import { cleanLine } from '../../workflows/domain/words.ts';
import type { BatchView } from '../batch/view.ts';
import type { IssueView } from '../batch/issue-view.ts';
import { issueLabel } from './batch.ts';

/** Status lines for what changed between two looks at a batch, in the manner of `[#42] Review: approved`. */
export function statusLines(before: BatchView | null, after: BatchView): string[] {
  const old = new Map(before?.issues.map((issue) => [issue.key, issue]));
  return after.issues.flatMap((issue) => {
    const line = lineFor(old.get(issue.key) ?? null, issue, after.rounds);
    return line === null ? [] : [`[${issueLabel(issue.id)}] ${line}`];
  });
}

/** A line for each new reason why a step is tried again; `told` keeps those that were shown. */
export function retryLines(told: Set<string>, { issues }: BatchView): string[] {
  return issues.flatMap(({ key, id, stage, retry, outcome }) => {
    if (retry === null || outcome !== null) return [];
    // The same reason with another time to wait, or another request's number, is no news.
    const reason = `${key} ${retry.replace(/\d+/g, '0')}`;
    if (told.has(reason)) return [];
    told.add(reason);
    return [`[${issueLabel(id)}] ${stage} is tried again: ${cleanLine(retry, 500)}`];
  });
}

function lineFor(before: IssueView | null, issue: IssueView, perResume: number): string | null {
  if (before?.stage === issue.stage && before.outcome === issue.outcome && before.round === issue.round) return null;
  if (issue.outcome !== null) return endLine(issue);
  const pullRequest = issue.pullRequest === null ? '' : ` → PR #${issue.pullRequest}`;
  // Each resume by a person grants the same number of rounds again.
  const rounds = Math.max(1, Math.ceil(issue.round / perResume)) * perResume;
  const round = `(round ${Math.max(1, issue.round)}/${rounds})`;
  switch (issue.stage) {
    case 'queued':
    case 'waiting (slot)':
    case 'done':
      return null;
    case 'waiting (dependency)':
      return cleanLine(issue.reason, 200);
    case 'preparing':
      return 'preparing...';
    case 'implementing':
      return 'implementing...';
    case 'checking':
      return 'checking...';
    case 'publishing':
      return issue.round > 0 ? 'Fix completed → publishing' : 'Worker completed → publishing';
    case 'reviewing':
      return issue.round > 0
        ? `Fix completed → re-reviewing (round ${issue.round + 1}/${rounds})`
        : `Worker completed${pullRequest} → reviewing (round 1/${rounds})`;
    case 'fixing':
      return issue.round > 0 ? `Review: needs work → fixing ${round}` : 'Checks failed → fixing';
    default:
      return `${issue.stage}${issue.reason ? `: ${cleanLine(issue.reason, 200)}` : '...'}`;
  }
}

function endLine(issue: IssueView): string {
  switch (issue.outcome) {
    case 'approved':
      return 'Review: approved ✓';
    case 'landed':
      return `${cleanLine(issue.reason, 200)} ✓`;
    default:
      return `${issue.outcome ?? issue.stage}${issue.reason ? `: ${cleanLine(issue.reason, 200)}` : ''}`;
  }
}
