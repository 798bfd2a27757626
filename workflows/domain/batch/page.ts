import type { IssueRef } from '../attempt.ts';
import type { BatchFacts } from './batch.ts';
import { moneyWords } from '../words.ts';
import { usageWords } from './budget.ts';
import { shellWord } from '../host/shell.ts';
import type { IssueStatus } from '../status.ts';

/** The page of an issue in the Web UI: where it stands, and what a person can type next. Markdown. */
export function issuePage(status: IssueStatus, issue: IssueRef): string {
  const facts: [string, string | null][] = [
    ['Stage', status.reason ? `**${status.stage}**: ${escapeMarkdown(status.reason)}` : `**${status.stage}**`],
    ['Round', `${status.round} of ${status.rounds}`],
    ['Attempts', String(status.attempts)],
    ['Branch', status.branch && `\`${status.branch}\``],
    ['Work', status.head && `\`${status.head.slice(0, 12)}\``],
    ['Pull request', status.pullRequest === null ? null : `#${status.pullRequest}`],
    ['Last verdict', status.lastVerdict && escapeMarkdown(status.lastVerdict)],
    ['Cost', usageWords(status.usage)],
    ['Batch', `\`${issue.batch}\``],
    ...(status.notes ?? []).map((note): [string, string] => ['Note', escapeMarkdown(note)]),
  ];
  return [
    `### ${escapeMarkdown(issue.id)}: ${escapeMarkdown(status.title)}`,
    '',
    ...facts.flatMap(([name, value]) => (value === null || value === '' ? [] : [`- ${name}: ${value}`])),
    '',
    'Type next:',
    '',
    ...commandsFor(status, issue).map((line) => `    ${line}`),
  ].join('\n');
}

/** The commands that make sense in a stage, the likeliest first: where the reason asks for one, that one. */
export function commandsFor(
  status: Pick<IssueStatus, 'stage'> & { readonly reason?: string | null },
  issue: Pick<IssueRef, 'id' | 'batch'>,
): string[] {
  const id = shellWord(issue.id);
  switch (status.stage) {
    case 'waiting (human)': {
      const resume = `millrace resume ${id}`;
      const usual = [`${resume} --message "what the agent should know"`, `${resume} --accept`];
      // Compared and never copied: a reason may hold an agent's words.
      const asked = [resume, `${resume} --accept`].filter((command) => status.reason?.endsWith(`; type: ${command}`));
      return [...new Set([...asked, ...usual, `millrace cancel ${id}`])];
    }
    case 'waiting (quota)':
      return [`millrace resume ${id}`, `millrace cancel ${id}`];
    case 'done':
      return [`millrace report ${issue.batch}`, `millrace retry ${id}`];
    case 'queued':
    case 'waiting (dependency)':
    case 'waiting (slot)':
    case 'preparing':
    case 'implementing':
    case 'checking':
    case 'publishing':
    case 'reviewing':
    case 'fixing':
    case 'awaiting-ci':
    case 'landing':
      return [`millrace status ${issue.batch}`, `millrace cancel ${id}`];
  }
}

/** The page of a batch in the Web UI. Markdown. */
export function batchPage(status: BatchFacts, counts: Readonly<Record<string, number>>): string {
  return [
    `### Batch ${status.batch}`,
    '',
    `- ${status.atRest ? 'At rest: what is left waits for a person' : status.control}, width ${status.width}`,
    `- Cost of settled issues: ${moneyWords(status.spentUsd)}`,
    ...Object.entries(counts)
      .filter(([, count]) => count > 0)
      .map(([standing, count]) => `- ${standing}: ${count}`),
    '',
    'Type next:',
    '',
    `    millrace status ${status.batch}`,
    `    millrace steer ${status.batch} --width N`,
    `    millrace cancel ${status.batch}`,
  ].join('\n');
}

function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_[\]<>|#]/g, (character) => `\\${character}`).replace(/\s+/g, ' ');
}
