import { cleanLine, durationWords, moneyWords } from '../../workflows/domain/words.ts';
import { commandsFor } from '../../workflows/domain/batch/page.ts';
import { succeeded, type BatchView } from '../batch/view.ts';
import type { IssueView } from '../issue/view.ts';
import { table } from './table.ts';
import { findingsWords } from './findings.ts';

/** The name of an issue in status lines: `#42` for a number of a forge, the id for a task of a plan. */
export function issueLabel(id: string): string {
  return /^\d+$/.test(id) ? `#${id}` : id;
}

/** The outcome of an issue, else its stage, which says where no worker is there to go on with it. */
export function stageWords({ outcome, stage, cutOff }: IssueView): string {
  return outcome ?? (cutOff ? `${stage} (cut off)` : stage);
}

/** A line that says from when a view is that no worker answered for; none where one did. */
export function rememberedLine({ remembered }: BatchView): readonly string[] {
  if (!remembered) return [];
  const { asOf, why } = remembered;
  return [`As of ${clock(new Date(asOf))}; ${why}: \`millrace up\``];
}

/** Minute of a day, and the day where it is not today. */
function clock(at: Date, now = new Date()): string {
  const [hours, minutes] = [at.getHours(), at.getMinutes()].map((each) => String(each).padStart(2, '0'));
  const day = at.toDateString() === now.toDateString() ? '' : `${at.toLocaleDateString('sv')} `;
  return `${day}${hours}:${minutes}`;
}

/** Even a free slot takes some milliseconds to get. */
const WORTH_TELLING_MS = 1_000;

/** The table of a running batch: issue, stage, round, time, and the agent's last line or why the issue waits. */
export function liveTable(view: BatchView, width: number): string {
  const waited = hasWaited(view);
  const rows = view.issues.map((issue) => [
    issueLabel(issue.id),
    stageWords(issue),
    issue.round > 0 ? String(issue.round) : '',
    workTime(issue),
    ...(waited ? [waitingTime(issue)] : []),
    cleanLine(issue.lastLine ?? whyWords(issue), 300),
  ]);
  return table(['issue', 'stage', 'round', 'time', ...(waited ? ['waited'] : []), 'last'], rows, width);
}

/** How long an issue was worked on; empty: it never started. */
export function workTime({ durationMs, waitedMs }: IssueView): string {
  return durationMs === null ? '' : durationWords(Math.max(0, durationMs - (waitedMs ?? 0)));
}

/** How long an issue waited for a person, for quota or for a slot; empty: it did not wait, or nobody knows. */
export function waitingTime({ waitedMs }: IssueView): string {
  return waitedMs === null || waitedMs < WORTH_TELLING_MS ? '' : durationWords(waitedMs);
}

/** Why an issue stands where it stands, and what the last review wants fixed. */
export function whyWords({ reason, findings }: IssueView): string {
  return findings === null ? reason : `${reason} (${findingsWords(findings, 300)})`;
}

/** Where others can see the work of an issue; empty: it has no branch, or nothing is on it. */
export function branchWords({ branch, published, hasWork }: IssueView): string {
  if (hasWork === false) return '';
  return published === false ? 'local only' : (branch ?? '');
}

function hasWaited(view: BatchView): boolean {
  return view.issues.some((issue) => waitingTime(issue) !== '');
}

/** Width of a terminal, in columns, from which the table has room for branches; the report always has them. */
const WIDE = 120;

/** The table of a settled batch: what became of each issue and, if there is room, its branch. */
export function finalTable(view: BatchView, width: number): string {
  const isWide = width >= WIDE;
  const waited = hasWaited(view);
  const rows = view.issues.map((issue) => [
    issueLabel(issue.id),
    issue.pullRequest === null ? '' : `#${issue.pullRequest}`,
    stageWords(issue),
    issue.round > 0 ? String(issue.round) : '',
    workTime(issue),
    ...(waited ? [waitingTime(issue)] : []),
    ...(isWide ? [branchWords(issue)] : []),
    cleanLine(whyWords(issue), 300),
  ]);
  const times = ['time', ...(waited ? ['waited'] : [])];
  return table(['issue', 'PR', 'status', 'rounds', ...times, ...(isWide ? ['branch'] : []), 'why'], rows, width);
}

/** One sentence about a batch: what came of it, and what it took. */
export function summary(view: BatchView): string {
  const counts = new Map<string, number>();
  for (const issue of view.issues) {
    const isHeld = issue.runId === null && view.state !== 'running';
    const name = issue.outcome === null && isHeld ? `held (${issue.stage})` : stageWords(issue);
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
    if (stage === null) return [];
    const commands = commandsFor({ stage, reason: issue.reason }, { id: issue.id, batch: view.batch });
    return [`  ${commands.at(stage === 'done' ? -1 : 0)}`];
  });
}

function nextStage(issue: IssueView): 'waiting (human)' | 'done' | null {
  if (issue.runId === null) return null; // what never started cannot be started again
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
