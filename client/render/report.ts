import { cleanLine, durationWords, moneyWords } from '../../workflows/domain/words.ts';
import type { BatchView } from '../batch/view.ts';
import type { IssueView } from '../batch/issue-view.ts';
import { issueLabel, nextCommands, summary } from './batch.ts';

/** The report of a batch as Markdown: a table, then a reason for whatever is not done. */
export function reportText(view: BatchView): string {
  const open = view.issues.filter((issue) => !isDone(issue));
  const noted = view.issues.filter(({ notes }) => notes.length > 0);
  return [
    `# Batch ${view.batch}`,
    '',
    summary(view),
    '',
    `Repository \`${view.repo}\`, landing \`${view.landing}\`, width ${view.width}, started ${view.startedAt}.`,
    '',
    '| Issue | PR | Status | Rounds | Attempts | Time | Cost | Branch |',
    '|---|---|---|---|---|---|---|---|',
    ...view.issues.map(row),
    '',
    ...(open.length > 0 ? ['## Not done', '', ...open.map(reasonLine), ''] : []),
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
    issue.outcome ?? issue.stage,
    String(issue.round),
    String(issue.attempts),
    issue.durationMs === null ? '' : durationWords(issue.durationMs),
    moneyWords(issue.costUsd),
    issue.branch === null ? '' : `\`${issue.branch}\``,
  ];
  return `| ${cells.map((cell) => cleanLine(cell, 120).replace(/\|/g, '\\|')).join(' | ')} |`;
}

function reasonLine(issue: IssueView): string {
  const kept = issue.ref === null ? '' : ` Work is kept on \`${issue.ref}\`.`;
  return `- **${issueLabel(issue.id)}** ${issue.outcome ?? issue.stage}: ${cleanLine(issue.reason, 500) || 'no reason yet'}.${kept}`;
}

/** What went another way than planned, for whoever wonders about cost or time. */
function noteLines(issue: IssueView): readonly string[] {
  return issue.notes.map((note) => `- **${issueLabel(issue.id)}** ${cleanLine(note, 400)}`);
}

function isDone(issue: IssueView): boolean {
  switch (issue.outcome) {
    case 'approved':
    case 'landed':
    case 'no-change':
      return true;
    case 'skipped':
    case 'needs-manual-review':
    case 'review-failed':
    case 'failed':
    case 'cancelled':
    case null:
      return false;
  }
}
