import type { Usage } from './attempt.ts';

/** How an issue can end. */
export type OutcomeKind =
  | 'approved'
  | 'landed'
  | 'no-change'
  | 'skipped'
  | 'needs-manual-review'
  | 'review-failed'
  | 'failed'
  | 'cancelled';

/** Every kind of outcome, the successes first. */
export const outcomeKinds: readonly OutcomeKind[] = [
  'approved',
  'landed',
  'no-change',
  'skipped',
  'needs-manual-review',
  'review-failed',
  'failed',
  'cancelled',
];

/** How an issue ended: data, returned by its workflow. */
export interface Outcome {
  readonly version: 1;
  readonly kind: OutcomeKind;
  /** Why, in one sentence for a person. */
  readonly reason: string;
  readonly issue: string;
  readonly title: string;
  readonly branch: string | null;
  readonly pullRequest: number | null;
  /** Sha of the work; after landing the base's new tip. */
  readonly sha: string | null;
  /** Sha on the remote branch; null: it was never pushed. Left out by earlier versions. */
  readonly pushed?: string | null;
  /** Private ref of the newest work. */
  readonly ref: string | null;
  readonly rounds: number;
  readonly attempts: number;
  readonly usage: Usage;
  /** From the workflow's start to its end, waiting included. */
  readonly durationMs: number;
  /** The part of it that the issue waited for a person, for quota or for a slot. Left out by earlier versions. */
  readonly waitedMs?: number;
  /** What went another way than planned, for a person; left out: nothing. */
  readonly notes?: readonly string[];
}

/** Whether a batch with only such outcomes has done what it was asked for: exit code 0. */
export function isSuccess(kind: OutcomeKind): boolean {
  switch (kind) {
    case 'approved':
    case 'landed':
    case 'no-change':
    case 'skipped':
      return true;
    case 'needs-manual-review':
    case 'review-failed':
    case 'failed':
    case 'cancelled':
      return false;
  }
}
