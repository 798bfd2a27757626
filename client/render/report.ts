import { cleanLine, moneyWords } from '../../workflows/domain/words.ts';
import { isDone, type BatchView } from '../batch/view.ts';
import type { IssueView } from '../issue/view.ts';
import {
  branchWords,
  issueLabel,
  nextCommands,
  rememberedLine,
  stageWords,
  summary,
  waitingTime,
  workTime,
} from './batch.ts';
import { findingsWords } from './findings.ts';

/** The report of a batch as Markdown: a table, then the reason for each issue that is not done. */
export function reportText(view: BatchView): string {
  const open = view.issues.filter((issue) => !isDone(issue));
  const skipped = view.issues.filter((issue) => isDone(issue) && issue.outcome === 'skipped');
  const noted = view.issues.filter(({ notes }) => notes.length > 0);
  return [
    `# Batch ${view.batch}`,
    '',
    summary(view),
    '',
    ...rememberedLine(view).flatMap((line) => [line, '']),
    `Repository \`${view.repo}\`, landing \`${view.landing}\`, width ${view.width}, started ${view.startedAt}.`,
    '',
    '| Issue | PR | Status | Rounds | Attempts | Time | Waited | Cost | Branch |',
    '|---|---|---|---|---|---|---|---|---|',
    ...view.issues.map(row),
    '',
    ...(open.length > 0 ? ['## Not done', '', ...open.map(reasonLine), ''] : []),
    ...(skipped.length > 0 ? ['## Skipped', '', ...skipped.map(reasonLine), ''] : []),
    ...(noted.length > 0 ? ['## Notes', '', ...noted.flatMap(noteLines), ''] : []),
    ...(nextCommands(view).length > 0
      ? ['## Type next', '', '```sh', ...nextCommands(view).map((line) => line.trim()), '```', '']
      : []),
  ].join('\n');
}

function row(issue: IssueView): string {
  const cells = [
    `${issueLabel(issue.id)} ${issue.title}`,
    issue.pullRequest === null ? '' : `#${issue.pullRequest}`,
    stageWords(issue),
    String(issue.round),
    String(issue.attempts),
    workTime(issue),
    waitingTime(issue),
    moneyWords(issue.costUsd),
    issue.published === false || issue.branch === null ? branchWords(issue) : `\`${issue.branch}\``,
  ];
  return `| ${cells.map((cell) => cleanLine(cell, 120).replace(/\|/g, '\\|')).join(' | ')} |`;
}

function reasonLine(issue: IssueView): string {
  const kept = issue.ref === null || issue.hasWork === false ? '' : ` Work is kept on \`${issue.ref}\`.`;
  const words = cleanLine(issue.reason, 500) || 'no reason yet';
  const found = issue.findings === null ? '' : ` Review: ${ended(findingsWords(issue.findings, 300))}`;
  return `- **${issueLabel(issue.id)}** ${stageWords(issue)}: ${ended(words)}${found}${kept}`;
}

/** A sentence with a full stop, unless it ends by itself. */
function ended(words: string): string {
  return /[.!?…]$/.test(words) ? words : `${words}.`;
}

/** What did not go as planned, for a reader who wonders about cost or time. */
function noteLines(issue: IssueView): readonly string[] {
  return issue.notes.map((note) => `- **${issueLabel(issue.id)}** ${cleanLine(note, 400)}`);
}
