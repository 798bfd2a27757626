import { cleanLine } from '../../workflows/domain/words.ts';
import type { BatchView } from '../batch/view.ts';
import type { IssueView } from '../issue/view.ts';
import type { RecordedStep } from '../issue/record.ts';
import { issueLabel } from './batch.ts';
import { findingsWords } from './findings.ts';

/** What a line tells about a step. */
type Step = Pick<RecordedStep, 'stage' | 'outcome' | 'round' | 'pullRequest' | 'reason'>;

/** A line for one step of an issue, like `[#42] Review: approved`; null: nobody needs to know this step. */
export function stepLine(issue: IssueView, step: Step, perResume: number): string | null {
  const words = wordsOf(step, perResume);
  if (words === null) return null;
  // The view knows the findings of the step at which the issue stands now.
  const isNow = step.outcome !== null && step.outcome === issue.outcome && step.reason === issue.reason;
  const found = isNow && issue.findings !== null ? ` (${findingsWords(issue.findings, 200)})` : '';
  return `[${issueLabel(issue.id)}] ${words}${found}`;
}

/** A line for an issue without a run; null: it is queued, which nobody needs to know. */
export function unstartedLine(issue: IssueView): string | null {
  return issue.stage === 'queued' ? null : stepLine(issue, issue, 1);
}

/** A line for each new reason why a step is tried again; `told` remembers those already shown. */
export function retryLines(told: Set<string>, { issues }: BatchView): string[] {
  return issues.flatMap(({ key, id, stage, retry, outcome }) => {
    if (retry === null || outcome !== null) return [];
    // The same reason with another waiting time or request number is not news.
    const reason = `${key} ${retry.replace(/\d+/g, '0')}`;
    if (told.has(reason)) return [];
    told.add(reason);
    return [`[${issueLabel(id)}] ${stage} is tried again: ${cleanLine(retry, 500)}`];
  });
}

function wordsOf(step: Step, perResume: number): string | null {
  if (step.outcome !== null) return endWords(step);
  const pullRequest = step.pullRequest === null ? '' : ` → PR #${step.pullRequest}`;
  // Each resume by a person grants the same number of rounds again.
  const rounds = Math.max(1, Math.ceil(step.round / perResume)) * perResume;
  const round = `(round ${Math.max(1, step.round)}/${rounds})`;
  switch (step.stage) {
    case 'queued':
    case 'waiting (slot)':
    case 'done':
      return null;
    case 'waiting (dependency)':
      return cleanLine(step.reason, 200);
    case 'preparing':
      return 'preparing...';
    case 'implementing':
      return 'implementing...';
    case 'checking':
      return 'checking...';
    case 'publishing':
      return step.round > 0 ? 'Fix completed → publishing' : 'Worker completed → publishing';
    case 'reviewing':
      return step.round > 0
        ? `Fix completed → re-reviewing (round ${step.round + 1}/${rounds})`
        : `Worker completed${pullRequest} → reviewing (round 1/${rounds})`;
    case 'fixing':
      return step.round > 0 ? `Review: needs work → fixing ${round}` : 'Checks failed → fixing';
    default:
      return `${step.stage}${step.reason ? `: ${cleanLine(step.reason, 200)}` : '...'}`;
  }
}

function endWords({ outcome, stage, reason }: Step): string {
  switch (outcome) {
    case 'approved':
      return 'Review: approved ✓';
    case 'landed':
      return `${cleanLine(reason, 200)} ✓`;
    default:
      return `${outcome ?? stage}${reason ? `: ${cleanLine(reason, 200)}` : ''}`;
  }
}
