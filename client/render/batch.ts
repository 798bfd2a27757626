import { cleanLine, durationWords, moneyWords } from '../../workflows/domain/words.ts';
import { commandsFor } from '../../workflows/domain/batch/page.ts';
import { succeeded, type BatchView } from '../batch/view.ts';
import type { IssueView } from '../batch/issue-view.ts';
import { table } from './table.ts';

/** The issue as status lines name it: `#42` for a forge's numbers, the id for a plan's. */
export function issueLabel(id: string): string {
  return /^\d+$/.test(id) ? `#${id}` : id;
}

/** The table of a batch that goes on: issue, stage, round, time, last line of the agent or why it waits. */
export function liveTable(view: BatchView, width: number): string {
  const rows = view.issues.map((issue) => [
    issueLabel(issue.id),
    issue.outcome ?? issue.stage,
    issue.round > 0 ? String(issue.round) : '',
    issue.durationMs === null ? '' : durationWords(issue.durationMs),
    cleanLine(issue.lastLine ?? issue.reason, 200),
  ]);
  return table(['issue', 'stage', 'round', 'time', 'last'], rows, width);
}

/** Columns of a terminal below which branches leave no room for reasons; the report has both. */
const WIDE = 120;

/** The table of a settled batch: what became of each issue and, where there is room, the branch of its work. */
export function finalTable(view: BatchView, width: number): string {
  const isWide = width >= WIDE;
  const rows = view.issues.map((issue) => [
    issueLabel(issue.id),
    issue.pullRequest === null ? '' : `#${issue.pullRequest}`,
    issue.outcome ?? issue.stage,
    issue.round > 0 ? String(issue.round) : '',
    issue.durationMs === null ? '' : durationWords(issue.durationMs),
    ...(isWide ? [issue.branch ?? ''] : []),
    cleanLine(issue.reason, 200),
  ]);
  return table(['issue', 'PR', 'status', 'rounds', 'time', ...(isWide ? ['branch'] : []), 'why'], rows, width);
}

/** One sentence on a batch: what came of it, what it took. */
export function summary(view: BatchView): string {
  const counts = new Map<string, number>();
  for (const issue of view.issues) {
    const isHeld = issue.runId === null && view.state !== 'running';
    const name = issue.outcome ?? (isHeld ? `held (${issue.stage})` : issue.stage);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const parts = [...counts].map(([name, count]) => `${count} ${name}`).join(', ');
  const cost = view.costUsd > 0 ? `, ${moneyWords(view.costUsd)}` : '';
  const isLeft = view.issues.some((issue) => issue.stage !== 'done');
  const rest = view.state === 'at-rest' && isLeft ? '; the rest waits for a person' : '';
  return `Batch ${view.batch}: ${parts} in ${durationWords(view.durationMs)}${cost}${rest}.`;
}

/** What a person can type next, for issues that did not succeed. */
export function nextCommands(view: BatchView): string[] {
  if (succeeded(view)) return [];
  return view.issues.flatMap((issue) => {
    const stage = nextStage(issue);
    return stage === null
      ? []
      : [`  ${commandsFor({ stage }, { id: issue.id, batch: view.batch }).at(stage === 'done' ? -1 : 0)}`];
  });
}

function nextStage(issue: IssueView): 'waiting (human)' | 'done' | null {
  if (issue.stage === 'waiting (human)') return 'waiting (human)';
  switch (issue.outcome) {
    case 'failed':
    case 'review-failed':
    case 'cancelled':
    case 'needs-manual-review':
      return 'done';
    case 'approved':
    case 'landed':
    case 'no-change':
    case 'skipped':
    case null:
      return null;
  }
}
