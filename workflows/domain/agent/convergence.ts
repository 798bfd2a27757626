import type { Finding, Judgement, Verdict } from '../review.ts';

/** A review of the second round or a later one, as the reviewer gave it. */
export interface LaterReview {
  readonly said: Verdict;
  readonly findings: readonly Finding[];
  readonly judgements: readonly Judgement[];
  /** What blocked in the round before. */
  readonly earlier: readonly Finding[];
  /** What the fix changed. */
  readonly touched: TouchedLines;
}

/** Lines that a change touched, as they are numbered after it, by path; the first and last line of each piece. */
export type TouchedLines = ReadonlyMap<string, readonly (readonly [number, number])[]>;

/** What a later review comes to. */
export type Converged =
  | {
      readonly kind: 'decided';
      readonly verdict: Verdict;
      /** Blocking ones first. */
      readonly findings: readonly Finding[];
      readonly resolved: readonly Finding[];
    }
  /** It contradicts itself: the reviewer is asked once more. */
  | { readonly kind: 'contradictory'; readonly problem: string };

/** By how many lines a reviewer may miss the line that it means. */
const NEAR = 3;

/** The first review: its word counts, and all its findings with it. */
export function firstReview(said: Verdict, findings: readonly Finding[]): readonly Finding[] {
  return findings.map((finding) => ({ ...finding, blocking: said === 'needs-work' }));
}

/**
 * Keeps reviews from going on for ever: a finding of the round before blocks until it is judged resolved, and a new one
 * blocks only on lines that the fix touched; the rest is noted. The blocking findings decide, not the reviewer's word.
 */
export function laterReview({ said, findings, judgements, earlier, touched }: LaterReview): Converged {
  const judged = new Map(judgements.map(({ finding, resolved }) => [finding, resolved]));
  const repeats = new Set(findings.flatMap((finding) => sameAs(finding, earlier)?.fingerprint ?? []));
  const isResolved = ({ fingerprint = '' }: Finding): boolean =>
    judged.get(fingerprint) ?? (said === 'approved' && !repeats.has(fingerprint));
  const open = earlier.filter((finding) => !isResolved(finding));
  const resolved = earlier.filter(isResolved);
  const fresh = findings.filter((finding) => !sameAs(finding, earlier));
  if (said === 'needs-work' && open.length === 0 && findings.length === 0) {
    // A reviewer that gives only a summary has nothing to judge: its word counts.
    if (earlier.length === 0) return { kind: 'decided', verdict: said, findings: [], resolved: [] };
    return { kind: 'contradictory', problem: 'the verdict is needs-work, but no finding is open and none is new' };
  }
  const isBlocking = (finding: Finding): boolean => said === 'needs-work' && isTouched(finding, touched);
  const blocking = [...open, ...fresh.filter(isBlocking)].map((finding) => ({ ...finding, blocking: true }));
  const noted = fresh.filter((finding) => !isBlocking(finding)).map((finding) => ({ ...finding, blocking: false }));
  return {
    kind: 'decided',
    verdict: blocking.length > 0 ? 'needs-work' : 'approved',
    findings: [...blocking, ...noted],
    resolved,
  };
}

/** The earlier finding that a new one repeats, by its name or by its words. */
function sameAs({ fingerprint }: Finding, earlier: readonly Finding[]): Finding | undefined {
  return fingerprint === undefined ? undefined : earlier.find((each) => each.fingerprint === fingerprint);
}

/** Whether a finding is on touched lines. Without a line its file counts; one about the work as a whole never is. */
function isTouched({ file, line }: Finding, touched: TouchedLines): boolean {
  const pieces = touched.get(file.replace(/^\.?\/+/, ''));
  if (!pieces) return false;
  return line === null || pieces.some(([first, last]) => line >= first - NEAR && line <= last + NEAR);
}
