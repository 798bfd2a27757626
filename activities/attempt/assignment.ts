import type { AttemptInput, ChecksDocument } from '../../workflows/domain/attempt.ts';
import type { IssueDocument } from '../../workflows/domain/issue.ts';
import { blockingFindings, notedFindings, type Finding, type ReviewDocument } from '../../workflows/domain/review.ts';
import { issueDocument, type Repository } from '../repository/repository.ts';

/** Everything that an agent is told in one attempt, with the texts that the input only names. */
export interface Assignment {
  readonly input: AttemptInput;
  readonly issue: IssueDocument;
  /** `resumed`: it has been at work before; `recap`: the work was done in a session that the agent does not have. */
  readonly session: 'fresh' | 'resumed' | 'recap';
  /** A sentence about a budget that is nearly used up; null: there is enough. */
  readonly spending: string | null;
  /** How the agent hands over its result: `lines` of JSON or a file, its last `message`, or one that fits our `schema`. */
  readonly answer: 'lines' | 'message' | 'schema';
  /** What a fix must address, or what the reviewer found last time. */
  readonly findings: readonly Finding[];
  /** Further remarks of the review; nobody has to act on them. */
  readonly noted: readonly Finding[];
  readonly reviewSummary: string | null;
  readonly failedChecks: readonly FailedCheck[];
  /** The repository's own prompt for this role; null: ours. */
  readonly template: string | null;
}

interface FailedCheck {
  readonly name: string;
  readonly exitCode: number | null;
  readonly output: string;
}

/** Fetches the texts of an attempt. @throws Error when an artifact is not on this host. */
export async function loadAssignment(
  repository: Repository,
  input: AttemptInput,
  told: Pick<Assignment, 'session' | 'spending' | 'answer'>,
): Promise<Assignment> {
  const issue = await issueDocument(repository, input.issue);
  const template = repository.settings.prompts?.[input.role] ?? null;
  const none = { ...told, template, findings: [], noted: [], reviewSummary: null, failedChecks: [] };
  const { ask } = input;
  switch (ask.kind) {
    case 'fix-checks':
      return { input, issue, ...none, failedChecks: await failedChecks(repository, ask.checks) };
    case 'fix-review':
      return { input, issue, ...none, ...(await reviewed(repository, ask.review)) };
    case 'review':
    case 'review-again':
      return { input, issue, ...none, ...(ask.earlier ? await reviewed(repository, ask.earlier) : {}) };
    case 'implement':
    case 'push-back':
    case 'continue':
      return { input, issue, ...none };
  }
}

/** The context file of the `command` agent: part of the public interface, so keys are only ever added. */
export function contextOf({ input, issue, session, findings, reviewSummary, failedChecks }: Assignment) {
  const { id, key, title, body, labels, files, priority } = issue;
  return {
    version: 1,
    role: input.role,
    issue: { id, key, title, body, labels, files, priority },
    base: input.base.branch,
    baseSha: input.base.sha,
    startSha: input.base.start,
    branch: input.branch,
    head: input.head,
    round: input.round,
    attempt: input.attempt,
    findings,
    reviewSummary,
    failedChecks,
    message: input.message,
    session: input.session.id,
    resumed: session !== 'fresh',
  } as const;
}

async function failedChecks(repository: Repository, ref: { readonly sha256: string }): Promise<readonly FailedCheck[]> {
  const { checks } = await repository.artifacts.get<ChecksDocument>(ref);
  return checks.filter((check) => !check.passed).map(({ name, exitCode, output }) => ({ name, exitCode, output }));
}

async function reviewed(repository: Repository, ref: { readonly sha256: string }) {
  const review = await repository.artifacts.get<ReviewDocument>(ref);
  return { findings: blockingFindings(review), noted: notedFindings(review), reviewSummary: review.summary };
}
