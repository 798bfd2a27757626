import { DateTime } from 'luxon';
import type { AttemptEnd } from '../../workflows/domain/attempt.ts';
import type { Finding, ReviewDocument } from '../../workflows/domain/review.ts';
import type { IssueDetail } from '../batch/detail.ts';
import type { RecordedAttempt } from '../issue/record.ts';
import { cleanLine, cleanText, durationWords, moneyWords } from '../../workflows/domain/words.ts';
import { branchWords, issueLabel, waitingTime, workTime } from './batch.ts';
import { table } from './table.ts';
import { placeOf } from './findings.ts';

/** How many lines of a failed check we show: the end of its output says what failed. */
const OUTPUT_LINES = 40;

/** One issue, for a person: where it stands, what was done, what is wrong, and where its work is. */
export function detailText(detail: IssueDetail, how: { readonly findings: boolean }): string {
  const { issue, reviews, next } = detail;
  const shown = how.findings ? reviews : reviews.slice(-1);
  const sections = [
    `${issueLabel(issue.id)}: ${cleanLine(issue.title, 200)}`,
    facts(detail),
    section('Steps', steps(detail)),
    section('Attempts', attempts(detail)),
    section(how.findings ? 'Reviews' : 'Last review', shown.flatMap(reviewLines)),
    section('Failed checks', failedChecks(detail)),
    section(
      'Notes',
      issue.notes.map((note) => `- ${cleanLine(note, 400)}`),
    ),
    section('Work', workLines(detail)),
    section('Type next', next),
  ];
  return `${sections.filter((each) => each !== '').join('\n\n')}\n`;
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : [title, ...lines.map((line) => (line === '' ? '' : `  ${line}`))].join('\n');
}

function facts({ batch, issue, rounds, page }: IssueDetail): string {
  const standing = issue.outcome === null || issue.outcome === issue.stage ? issue.stage : issue.outcome;
  const waits = issue.outcome !== null && issue.stage === 'waiting (human)' ? ', waits for a person' : '';
  const waited = waitingTime(issue);
  const rows = [
    ['stands', `${standing}${waits}${issue.reason === '' ? '' : `: ${cleanLine(issue.reason, 1000)}`}`],
    ['batch', batch],
    ['rounds', `${issue.round} (${rounds} for each start or resume)`],
    ['time', `${workTime(issue) || 'not started'}${waited === '' ? '' : `, and ${waited} of waiting`}`],
    ['cost', moneyWords(issue.costUsd)],
    ['branch', branchWords(issue)],
    ['pull request', issue.pullRequest === null ? '' : `#${issue.pullRequest}`],
    ['page', page ?? ''],
    ['now', issue.lastLine === null ? '' : cleanLine(issue.lastLine, 300)],
  ];
  return rows.flatMap(([name, value]) => (value === '' ? [] : [`  ${name!.padEnd(13)} ${value}`])).join('\n');
}

function steps({ steps: taken }: IssueDetail): readonly string[] {
  return taken.map(({ at, stage, outcome, round, reason }) => {
    const words = reason === '' ? '' : `: ${cleanLine(reason, 200)}`;
    return `${clock(at)}  ${outcome ?? stage}${round > 0 ? ` (round ${round})` : ''}${words}`;
  });
}

function attempts({ attempts: made, issue }: IssueDetail): readonly string[] {
  const rows = made.map((attempt) => [
    String(attempt.number),
    attempt.role,
    attempt.profile,
    attempt.endedAt === null ? '' : durationWords(attempt.endedAt.getTime() - attempt.startedAt.getTime()),
    attempt.result === null ? '' : moneyWords(attempt.result.usage.costUsd),
    endOf(attempt, issue.cutOff ? 'cut off; it goes on when a worker runs' : 'it runs'),
  ]);
  return rows.length === 0 ? [] : table(['no', 'role', 'profile', 'time', 'cost', 'came to'], rows).split('\n');
}

function endOf({ result, failure, endedAt }: RecordedAttempt, open: string): string {
  if (endedAt === null) return open;
  if (result === null) return cleanLine(failure ?? '', 200);
  const summary = result.summary === '' ? '' : `: ${cleanLine(result.summary, 200)}`;
  return `${endWords(result.end)}${summary}`;
}

function endWords(end: AttemptEnd): string {
  switch (end.kind) {
    case 'worked':
      return end.claim === 'none' ? 'no claim' : end.claim;
    case 'reviewed':
      return end.verdict === 'approved' ? 'approved' : 'needs work';
    case 'unreadable':
      return `no verdict (${cleanLine(end.problem, 100)})`;
    case 'exhausted':
      return `${end.what} used up`;
    case 'limited':
      return 'quota used up';
    case 'budget-spent':
      return end.reason ?? `${end.what} used up`;
    case 'refused':
      return `refused a permission (${cleanLine(end.reason, 100)})`;
  }
}

function reviewLines(review: ReviewDocument | null): readonly string[] {
  if (review === null) return ['its text is on another machine'];
  const verdict = review.verdict === 'approved' ? 'approved' : 'needs work';
  return [
    `round ${review.round}, ${review.head.slice(0, 12)}: ${verdict}: ${cleanLine(review.summary, 500)}`,
    ...review.findings.flatMap(findingLines),
  ];
}

function findingLines(finding: Finding): readonly string[] {
  const place = placeOf(finding);
  const noted = finding.blocking === false ? ', only noted' : '';
  const [first = '', ...rest] = cleanText(finding.body).trim().split('\n');
  return [
    `- [${finding.severity}${noted}] ${place === '' ? '' : `${cleanLine(place, 300)}: `}${first}`,
    ...rest.map((line) => `    ${line}`),
  ];
}

function failedChecks({ checks, issue }: IssueDetail): readonly string[] {
  if (checks === null || issue.failedChecks.length === 0) return [];
  return checks.checks.flatMap(({ name, passed, exitCode, output }) => {
    if (passed) return [];
    const lines = cleanText(output).trimEnd().split('\n').slice(-OUTPUT_LINES);
    const end = exitCode === null ? 'was stopped' : `ended with ${exitCode}`;
    return [`${cleanLine(name, 100)} ${end}:`, ...lines.map((line) => `  | ${line}`)];
  });
}

function workLines({ work, clone }: IssueDetail): readonly string[] {
  if (work === null) return [];
  const where = clone === null ? 'in your clone' : `in ${clone}`;
  return [
    `${work.ref} is at ${work.sha.slice(0, 12)}; to have it ${where}, type`,
    '',
    `  ${work.fetch}`,
    '',
    'then git log FETCH_HEAD',
  ];
}

/** Local time. */
function clock(at: Date): string {
  return DateTime.fromJSDate(at).toFormat('yyyy-LL-dd HH:mm:ss');
}
