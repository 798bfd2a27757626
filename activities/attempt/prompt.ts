import { readFileSync } from 'node:fs';
import mustache from 'mustache';
import { promptPartials, type PromptView } from '../../workflows/domain/agent/prompt.ts';
import { isReading } from '../../workflows/domain/settings.ts';
import type { Finding } from '../../workflows/domain/review.ts';
import type { Assignment } from './assignment.ts';
import { promptText } from '../text/visible.ts';

/** Quotes a text between marks that no outsider can know; an empty text stays empty. */
type Quote = (name: string, text: string) => string;

const partials = Object.fromEntries(promptPartials.map((name) => [name, template(`partials/${name}`)]));

/** The text that an agent gets. `nonce` is random, so that a stranger's text cannot end its own quotation. */
export function promptOf(assignment: Assignment, nonce: string): string {
  const quote: Quote = (name, text) => {
    const clean = promptText(text).trim();
    return clean === '' ? '' : `<<<${name}-${nonce}\n${clean}\n${name}-${nonce}>>>`;
  };
  const { role } = assignment.input;
  const text = assignment.template ?? template(role);
  // Values are filled in once, as they are: nothing in them is read as a template.
  return `${mustache.render(text, viewOf(assignment, quote), partials, { escape: String }).trimEnd()}\n`;
}

function viewOf(assignment: Assignment, quote: Quote): PromptView {
  const { input, issue, session, answer, spending } = assignment;
  const { ask, base, branch, role } = input;
  const isVerdict = role === 'review';
  const isBegun = session === 'resumed' && ask.kind !== 'continue' && !input.session.resumed;
  return {
    issue: quote('ISSUE', issueText(assignment)),
    files: quote('FILES', issue.files.join('\n')),
    findings: quote('REVIEW', findingsText(assignment)),
    noted: quote('NOTED', assignment.noted.map(describe).join('\n\n')),
    checks: quote('CHECKS', checksText(assignment)),
    message: quote('MESSAGE', input.message ?? ''),
    issueId: promptText(issue.id).replaceAll(/\s+/g, '-').slice(0, 100),
    place: `The branch is \`${branch}\`, it starts at ${base.start.slice(0, 12)} of \`${base.branch}\`.`,
    branch,
    base: base.branch,
    baseSha: base.sha,
    start: base.start,
    since: ask.kind === 'review' ? (ask.since ?? '') : '',
    round: String(input.round),
    words: ask.kind === 'push-back' ? ask.words : '',
    problem: ask.kind === 'review-again' ? ask.problem : '',
    spending: spending ?? '',
    fence: answer === 'message' ? '```json\n' : '',
    fenceEnd: answer === 'message' ? '\n```' : '',
    isImplement: ask.kind === 'implement',
    isPushBack: ask.kind === 'push-back',
    isFixChecks: ask.kind === 'fix-checks',
    isFixReview: ask.kind === 'fix-review',
    isReview: ask.kind === 'review',
    isReviewAgain: ask.kind === 'review-again',
    isContinue: ask.kind === 'continue',
    isInterrupted: isBegun,
    isRecap: session === 'recap',
    isLater: isVerdict && assignment.findings.length > 0,
    isReading: isReading(role),
    isVerdict,
    isLines: answer === 'lines',
    isMessage: answer === 'message',
    isSchema: answer === 'schema',
  };
}

function issueText({ issue }: Assignment): string {
  const labels = issue.labels.length > 0 ? `\nLabels: ${issue.labels.join(', ')}` : '';
  return `#${issue.id}: ${issue.title}\nPriority: ${issue.priority}${labels}\n\n${issue.body}`;
}

function findingsText({ findings, reviewSummary }: Assignment): string {
  if (reviewSummary === null && findings.length === 0) return '';
  return [reviewSummary ?? '', ...findings.map(describe)].join('\n\n');
}

function describe({ file, line, severity, body, fingerprint }: Finding, index: number): string {
  const place = file === '' ? 'as a whole' : line === null ? file : `${file}:${line}`;
  const name = fingerprint === undefined ? '' : `${fingerprint} `;
  return `${index + 1}. ${name}[${severity}] ${place}\n   ${body.replaceAll('\n', '\n   ')}`;
}

function checksText({ failedChecks }: Assignment): string {
  const outputs = failedChecks.map(({ name, exitCode, output }) => {
    const how = exitCode === null ? 'did not end by itself' : `exit code ${exitCode}`;
    return `${name}: ${how}\n${output}`;
  });
  return outputs.join('\n\n');
}

function template(name: string): string {
  return readFileSync(new URL(`./prompts/${name}.md`, import.meta.url), 'utf8');
}
