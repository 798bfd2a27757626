import type { FailureType } from '../failure.ts';

/** What follows from a forge's refusal; the one table that everybody who decides by a kind reads. */
export interface ForgeErrorMeaning {
  /** What a workflow is told. */
  readonly failure: FailureType;
  /** What a person at a terminal is told to do. */
  readonly mend: string | ((retryAfterMs: number | null) => string);
  /** The same question may be answered later. */
  readonly passes?: true;
  /** The credential was refused, not the work: a person can mend it, and the same step goes on. */
  readonly isOfCredential?: true;
  /** The request may have had its effect all the same: look before it is sent again. */
  readonly mayHaveActed?: true;
  /** Why a merge that fails so waits for a person. Left out: it does not; the failure decides. */
  readonly refusesMerge?: 'rule' | 'contents' | 'head' | 'right';
  /** Wait before the next try, in milliseconds. Left out: the retry policy's. */
  readonly againMs?: number;
  /** Tries before a failure that is not retried by its type becomes final. Left out: one. */
  readonly tries?: number;
}

const mendAndAsk = 'change what the forge names, then try again';
const giveRight =
  'give the credential the right that is named, or ask with another one; `millrace doctor` lists what is missing';
const waitAMinute = 'nothing was started; try again in a minute';

const rejected = { failure: 'ForgeRejected', mend: mendAndAsk } as const;

const table = {
  network: {
    failure: 'ForgeUnavailable',
    mend: 'look whether the forge can be reached from here, and whether `forge: { url: ... }` is its address; then try again',
    passes: true,
    mayHaveActed: true,
  },
  server: { failure: 'ForgeUnavailable', mend: waitAMinute, passes: true, mayHaveActed: true },
  'rate-limit': { failure: 'ForgeRateLimited', mend: afterLimit, passes: true },
  'response-invalid': {
    failure: 'ForgeResponseInvalid',
    mend: 'look whether `forge: { url: ... }` is the address of the forge itself, and not of a proxy before it',
    passes: true,
    mayHaveActed: true,
    tries: 3, // a proxy on the way may have been restarted; after that it is no accident
  },
  // Gitea needs 1 to 5 s after each attempt.
  'merge-not-ready': { failure: 'ForgeUnavailable', mend: waitAMinute, passes: true, againMs: 5_000 },
  changed: { failure: 'ForgeUnavailable', mend: waitAMinute, passes: true },
  'merge-blocked': { ...rejected, refusesMerge: 'rule' },
  'stale-head': { ...rejected, refusesMerge: 'head' },
  conflict: { ...rejected, refusesMerge: 'contents' },
  'not-mergeable': { ...rejected, refusesMerge: 'contents' },
  'already-exists': { ...rejected, mayHaveActed: true },
  'self-review': rejected,
  'bad-position': rejected,
  'no-commits': rejected,
  invalid: rejected,
  auth: {
    failure: 'ForgeRejected',
    mend: 'give a credential that this forge takes; `millrace doctor` says which one is used, docs/forges.md where others are looked for',
    isOfCredential: true,
  },
  forbidden: { failure: 'ForgeRejected', mend: giveRight, isOfCredential: true, refusesMerge: 'right' },
  'read-only': { ...rejected, isOfCredential: true },
  'not-found': {
    failure: 'ForgeRejected',
    mend: 'correct the name; a forge also says so of what the credential may not see',
  },
  unsupported: { failure: 'ForgeRejected', mend: 'give a plan instead, or name another forge: `--forge KIND`' },
  rejected: { failure: 'ForgeRejected', mend: giveRight },
} as const satisfies Readonly<Record<string, ForgeErrorMeaning>>;

/** Why a forge did not do what it was asked; each adapter matches its forge's words to one of them, once. */
export type ForgeErrorKind = keyof typeof table;

/** What follows from each kind: a new kind is a new row here. */
export const forgeErrors: Readonly<Record<ForgeErrorKind, ForgeErrorMeaning>> = table;

/** Whether a word of a recorded failure is one of our kinds. */
export function isForgeErrorKind(word: unknown): word is ForgeErrorKind {
  return typeof word === 'string' && Object.hasOwn(table, word);
}

function afterLimit(retryAfterMs: number | null): string {
  const when = retryAfterMs === null ? 'later' : `in ${Math.ceil(retryAfterMs / 60_000)} min`;
  return `try again ${when}: the credential has used up what the forge allows`;
}
