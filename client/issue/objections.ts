import type { ChecksDocument } from '../../workflows/domain/attempt.ts';
import { blockingFindings, type Finding, type ReviewDocument } from '../../workflows/domain/review.ts';
import { isWaitingStage, type Stage } from '../../workflows/domain/stage.ts';
import { documentIfHere } from '../state/document.ts';
import type { RunRecord } from './record.ts';

/** What the last review of an issue wants fixed. */
export interface FindingsView {
  /** Number of blocking findings by severity. */
  readonly bySeverity: Readonly<Record<string, number>>;
  readonly first: Finding;
}

/** What checks and reviewers hold against the work of an issue. */
export interface Objections {
  /** Names of the checks that failed in the last run. */
  readonly failedChecks: readonly string[];
  /** Null: the last review has no blocking finding, or its text is not on this machine. */
  readonly findings: FindingsView | null;
}

/** Nothing is held against it. */
export const noObjections: Objections = { failedChecks: [], findings: null };

/** Where the texts of a repository are stored. */
export interface DocumentPlace {
  readonly stateRoot: string;
  readonly repo: string;
}

/** Reads what the last checks and the last review of an issue found. */
export async function objectionsTo(record: RunRecord, place: DocumentPlace): Promise<Objections> {
  const checks = record.checks.at(-1);
  const review = record.reviews.at(-1);
  const failed =
    checks && !checks.passed
      ? await documentIfHere<ChecksDocument>(place.stateRoot, { repo: place.repo, sha256: checks.document.sha256 })
      : null;
  const reviewed =
    review?.verdict === 'needs-work'
      ? await documentIfHere<ReviewDocument>(place.stateRoot, { repo: place.repo, sha256: review.document.sha256 })
      : null;
  return {
    failedChecks: failed?.checks.flatMap(({ name, passed }) => (passed ? [] : [name])) ?? [],
    findings: reviewed && findingsOf(reviewed),
  };
}

function findingsOf(review: ReviewDocument): FindingsView | null {
  const blocking = blockingFindings(review);
  const [first] = blocking;
  if (first === undefined) return null;
  const bySeverity: Record<string, number> = {};
  for (const { severity } of blocking) bySeverity[severity] = (bySeverity[severity] ?? 0) + 1;
  return { bySeverity, first };
}

/** How long an issue has waited for a person, for quota or for a slot, until `now` if it still does; ms. */
export function waitedMs({ steps }: Pick<RunRecord, 'steps'>, now: number): number {
  return steps.reduce((sum, step, index) => {
    if (!isWaitingStage(step.stage as Stage)) return sum;
    return sum + (steps[index + 1]?.at.getTime() ?? now) - step.at.getTime();
  }, 0);
}
