import type { ChecksDocument } from '../../workflows/domain/attempt.ts';
import { blockingFindings, type Finding, type ReviewDocument } from '../../workflows/domain/review.ts';
import { isWaitingStage, type Stage } from '../../workflows/domain/stage.ts';
import { documentIfHere } from '../state/document.ts';
import type { RunRecord } from './record.ts';

/** What the last review of an issue wants to have mended. */
export interface FindingsView {
  /** How many there are of each severity; only those that block. */
  readonly bySeverity: Readonly<Record<string, number>>;
  readonly first: Finding;
}

/** What stands between an issue and its success. */
export interface Trouble {
  /** Names of the checks that failed the last time they ran. */
  readonly failedChecks: readonly string[];
  /** Null: the last review has none that block, or its text is not on this machine. */
  readonly findings: FindingsView | null;
}

/** No failed check, no finding. */
export const noTrouble: Trouble = { failedChecks: [], findings: null };

/** Where texts of a repository lie. */
export interface DocumentPlace {
  readonly stateRoot: string;
  readonly repo: string;
}

/** Reads what the last checks and the last review of an issue found. */
export async function troubleOf(record: RunRecord, place: DocumentPlace): Promise<Trouble> {
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

/** How long an issue has waited for a person, for quota or for a slot, up to `now` where it still does; ms. */
export function waitedMs({ steps }: Pick<RunRecord, 'steps'>, now: number): number {
  return steps.reduce((sum, step, index) => {
    if (!isWaitingStage(step.stage as Stage)) return sum;
    return sum + (steps[index + 1]?.at.getTime() ?? now) - step.at.getTime();
  }, 0);
}
