import type { Settled } from './batch.ts';
import { outcomeKinds, type OutcomeKind } from '../outcome.ts';

/**
 * Where an issue stands in its batch. `running` holds a slot, `returning` wants one again; `parked` (quota) and
 * `manual` (a person) wait without one; the rest is how it ended. `unanswered`: no person came in time; `unmet`:
 * skipped without work for dependents.
 */
export type Standing =
  | 'queued'
  | 'running'
  | 'returning'
  | 'parked'
  | 'manual'
  | 'unanswered'
  | 'approved'
  | 'landed'
  | 'no-change'
  | 'skipped'
  | 'unmet'
  | 'review-failed'
  | 'failed'
  | 'cancelled';

/** One character for each standing: 10,000 issues are 10 KB when a batch continues as new. */
const codes: Readonly<Record<Standing, string>> = {
  queued: '.',
  running: 'r',
  returning: 'w',
  parked: 'q',
  manual: 'm',
  unanswered: 'x',
  approved: 'a',
  landed: 'l',
  'no-change': 'n',
  skipped: 's',
  unmet: 'u',
  'review-failed': 'v',
  failed: 'f',
  cancelled: 'c',
};

const standingOf = new Map(Object.entries(codes).map(([standing, code]) => [code, standing as Standing]));

/** Writes standings as a string: one character for each issue, in plan order. */
export function encodeStandings(standings: readonly Standing[]): string {
  return standings.map((standing) => codes[standing]).join('');
}

/** Reads what `encodeStandings` wrote. */
export function decodeStandings(text: string): Standing[] {
  return text.split('').map((code) => standingOf.get(code) ?? 'queued');
}

/** Whether dependents may start on an issue that stands so. */
export function satisfies(standing: Standing, lands: boolean): boolean {
  switch (standing) {
    case 'landed':
    case 'no-change':
    case 'skipped':
      return true;
    case 'approved':
      return !lands;
    case 'queued':
    case 'running':
    case 'returning':
    case 'parked':
    case 'manual':
    case 'unanswered':
    case 'unmet':
    case 'review-failed':
    case 'failed':
    case 'cancelled':
      return false;
  }
}

/** Whether the workflow of an issue that stands so is open. */
export function isOpen(standing: Standing): boolean {
  switch (standing) {
    case 'running':
    case 'returning':
    case 'parked':
    case 'manual':
      return true;
    case 'queued':
    case 'unanswered':
    case 'approved':
    case 'landed':
    case 'no-change':
    case 'skipped':
    case 'unmet':
    case 'review-failed':
    case 'failed':
    case 'cancelled':
      return false;
  }
}

/** Where an issue stands that has told this. */
export function standingFor(settled: Settled): Standing {
  switch (settled.kind) {
    case 'needs-manual-review':
      return 'unanswered';
    case 'skipped':
      // An approved pull request that is still open counts as approved work.
      return settled.satisfies ? (settled.sha === null ? 'skipped' : 'approved') : 'unmet';
    case 'manual':
    case 'parked':
    case 'approved':
    case 'landed':
    case 'no-change':
    case 'review-failed':
    case 'failed':
    case 'cancelled':
      return settled.kind;
  }
}

/** What an issue counts as in the result of its batch; one that was never started counts as skipped. */
export function outcomeFor(standing: Standing): OutcomeKind {
  if (standing === 'manual' || standing === 'unanswered') return 'needs-manual-review';
  return outcomeKinds.find((kind) => kind === standing) ?? 'skipped';
}
