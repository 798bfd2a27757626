import type { ChecksDocument, Usage } from '../../workflows/domain/attempt.ts';
import { usageWords } from '../../workflows/domain/batch/budget.ts';
import type { DependencyWork } from '../../workflows/domain/issue.ts';
import type { Outcome } from '../../workflows/domain/outcome.ts';
import { blockingFindings, notedFindings, type Finding, type ReviewDocument } from '../../workflows/domain/review.ts';
import { shellWord } from '../../workflows/domain/host/shell.ts';
import { durationWords } from '../../workflows/domain/words.ts';
import { headOf } from '../text/cut.ts';
import { findingKey } from '../forges/key.ts';
import { inCode, oneLine, plainLine, quoted } from './harmless.ts';

/** Longest body: GitHub refuses more than 65,536 characters, and a marker is still to be added. */
const BODY = 60_000;

/** Longest title in bytes: Gitea cuts at 255. */
const TITLE_BYTES = 250;

/** Most characters of an agent's words in one place. */
const WORDS = 4_000;

/** Most rows of a table or a list; nobody reads more. */
const ROWS = 100;

/** What the body of a pull request is made of. */
export interface PullText {
  /** The issue that a merge closes, by its number or id; null: none that the forge knows. */
  readonly closes: string | null;
  readonly summary: string;
  readonly dependencies: readonly DependencyWork[];
  readonly checks: ChecksDocument | null;
  readonly usage: Usage | null;
}

/** An issue as titles name it. */
export interface Titled {
  readonly id: string;
  readonly title: string;
  /** Its number on the forge; null: it has none there. */
  readonly number: number | null;
  /** No server acts on what is written: nothing in it has to be broken up. Left out: one does. */
  readonly unheard?: boolean;
}

/** Title of a pull request: the issue's, on one line, after its number. */
export function pullTitle(issue: Titled): string {
  const prefix = issue.number === null ? '' : `[#${issue.number}] `;
  const line = issue.unheard ? plainLine : oneLine;
  const title = `${prefix}${line(issue.title, TITLE_BYTES) || `Issue ${line(issue.id, 100)}`}`;
  return Buffer.byteLength(title) <= TITLE_BYTES ? title : `${headOf(title, TITLE_BYTES - 3)}…`;
}

/** Body of a pull request. The agent's words are a quotation in it, and it closes one issue at most. */
export function pullBody(text: PullText): string {
  const paragraphs = [
    text.summary.trim() === '' ? 'The agent left no summary.' : quoted(text.summary, WORDS),
    text.closes === null ? '' : closesLine(text.closes),
    dependencyLines(text.dependencies),
    checkTable(text.checks),
    text.usage === null ? '' : `Cost so far: ${usageWords(text.usage)}`,
  ];
  return joined(paragraphs);
}

/** Message of the commit that lands an issue's work: its title, an empty line, and what it closes. */
export function landMessage(
  work: Titled & { readonly pullRequest: number | null; readonly closes: string | null },
): string {
  const from = work.pullRequest === null ? '' : ` (#${work.pullRequest})`;
  const closes = work.closes === null ? '' : `\n\n${closesLine(work.closes)}`;
  return `${pullTitle({ ...work, number: null })}${from}${closes}`;
}

/** Text of a review, with findings in order until the body is full. Those with a key in `inline` stand at their lines. */
export function reviewBody(review: ReviewDocument, inline: ReadonlySet<string> = new Set()): string {
  const atLines =
    inline.size === 0
      ? ''
      : `${inline.size} ${inline.size === 1 ? 'finding stands at its line' : 'findings stand at their lines'}.`;
  const head = [
    `**${verdictOf(review)}** in round ${review.round}, of ${inCode(review.head)}`,
    quoted(review.summary, WORDS),
    convergenceOf(review),
    atLines,
  ];
  const required = blockingFindings(review).filter(
    ({ fingerprint }) => fingerprint === undefined || !inline.has(findingKey(fingerprint)),
  );
  const findings = [...required, ...notedFindings(review)].slice(0, ROWS).map((finding) => {
    const place =
      finding.file === ''
        ? 'the work as a whole'
        : inCode(`${finding.file}${finding.line === null ? '' : `:${finding.line}`}`);
    const noted = finding.blocking === false ? ' (noted, not required)' : '';
    return `**${oneLine(finding.severity, 40) || 'finding'}** ${place}${noted}\n\n${quoted(finding.body, WORDS)}`;
  });
  const kept = findings.filter((_, index) => joined([...head, ...findings.slice(0, index + 1)]).length < BODY - 100);
  const left = review.findings.length - inline.size - kept.length;
  return joined([...head, ...kept, left > 0 ? `${left} more findings are not shown.` : '']);
}

/** One finding at its line. */
export function inlineBody(finding: Pick<Finding, 'severity' | 'body'>): string {
  return `**${oneLine(finding.severity, 40) || 'finding'}**\n\n${quoted(finding.body, WORDS)}`;
}

/** The status comment of an issue that waits for a person: why, and what to type. */
export function waitingBody(waiting: {
  readonly id: string;
  readonly reason: string | null;
  readonly pullRequest: number | null;
}): string {
  const resume = `millrace resume ${shellWord(waiting.id)}`;
  return joined([
    '**needs-manual-review**: this waits for a person.',
    waiting.reason ? quoted(waiting.reason, WORDS) : '',
    waiting.pullRequest === null ? '' : `- Pull request: #${waiting.pullRequest}`,
    `${inCode(`${resume} --message "..."`)} lets the same agent go on with your words, ${inCode(`${resume} --accept`)} takes the work as it is.`,
  ]);
}

/** The result of a review, for a commit status: at most 140 characters. */
export function reviewStatusText(review: ReviewDocument): string {
  const count = blockingFindings(review).length;
  return `${verdictOf(review)} in round ${review.round}${count === 0 ? '' : `, ${count} ${count === 1 ? 'finding' : 'findings'}`}`;
}

/** The status comment of an issue: how it ended, with everything that a person needs to go on. */
export function outcomeBody(outcome: Outcome): string {
  const facts: [string, string | null][] = [
    ['Pull request', outcome.pullRequest === null ? null : `#${outcome.pullRequest}`],
    ['Branch', outcome.branch && inCode(outcome.branch)],
    ['Commit', outcome.sha && inCode(outcome.sha)],
    ['Newest work', outcome.ref && inCode(outcome.ref)],
    ['Review rounds', String(outcome.rounds)],
    ['Attempts', String(outcome.attempts)],
    ['Cost', usageWords(outcome.usage)],
    ['Time', durationWords(outcome.durationMs)],
  ];
  const list = facts.flatMap(([name, value]) => (value ? [`- ${name}: ${value}`] : []));
  return joined([
    `**${outcome.kind}**`,
    outcome.reason.trim() === '' ? '' : quoted(outcome.reason, WORDS),
    list.join('\n'),
  ]);
}

/** Comment on a pull request whose issue was cancelled: nothing else says why nothing happens to it. */
export function cancelledBody(outcome: Outcome): string {
  return joined([
    'Work on this was cancelled. The pull request stays open for a person to decide.',
    quoted(outcome.reason, WORDS),
  ]);
}

/** Comment on a pull request whose work a person accepted as it is. */
export function acceptedBody(input: { readonly head: string; readonly reason: string | null }): string {
  return joined([`Accepted by a person at ${inCode(input.head)}.`, input.reason ? quoted(input.reason, WORDS) : '']);
}

function dependencyLines(dependencies: readonly DependencyWork[]): string {
  if (dependencies.length === 0) return '';
  const rows = dependencies.slice(0, ROWS).map((each) => {
    const pull = each.pullRequest === null ? '' : `#${each.pullRequest}, `;
    return `- ${inCode(each.id)} (${pull}${inCode(each.sha.slice(0, 12))})`;
  });
  const more = dependencies.length > ROWS ? `\n- and ${dependencies.length - ROWS} more` : '';
  return `This branch contains the work of these issues, which has not landed yet. Land it first:\n\n${rows.join('\n')}${more}`;
}

function checkTable(document: ChecksDocument | null): string {
  if (!document || document.checks.length === 0) return 'No checks are configured.';
  const rows = document.checks.slice(0, ROWS).map((check) => {
    const result = check.passed ? 'passed' : `failed (${check.exitCode ?? 'stopped'})`;
    return `| ${inCode(check.name)} | ${result} | ${durationWords(check.durationMs)} |`;
  });
  return ['| check | result | time |', '|---|---|---|', ...rows].join('\n');
}

/** What became of the earlier findings, and why the verdict differs from the reviewer's. */
function convergenceOf({ said, verdict, resolved = [] }: ReviewDocument): string {
  const sentences = [
    resolved.length === 0
      ? ''
      : `${resolved.length} earlier ${resolved.length === 1 ? 'finding is' : 'findings are'} resolved.`,
    said === undefined || said === verdict
      ? ''
      : verdict === 'approved'
        ? 'The reviewer asked for more, but on lines that the fix did not touch: that is noted below, and blocks nothing.'
        : 'The reviewer approved, but called an earlier finding open.',
  ];
  return sentences.filter((sentence) => sentence !== '').join(' ');
}

function verdictOf(review: ReviewDocument): string {
  switch (review.verdict) {
    case 'approved':
      return 'approved';
    case 'needs-work':
      return 'needs work';
  }
}

/** A number closes that issue. The id of a plan's issue stands as a word, which can neither end the line nor name another issue. */
function closesLine(id: string): string {
  const word = id.replace(/^#+/, '');
  return /^\d{1,15}$/.test(word) ? `Closes #${word}` : `Closes issue ${oneLine(word.replace(/[\s#]+/g, '-'), 100)}`;
}

function joined(paragraphs: readonly string[]): string {
  const text = paragraphs.filter((each) => each !== '').join('\n\n');
  return text.length <= BODY ? text : `${text.slice(0, BODY - 1)}…`;
}
