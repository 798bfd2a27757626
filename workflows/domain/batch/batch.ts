import type { ForgeKind } from '../forge-facts.ts';
import type { Budget, Policy } from '../settings.ts';
import type { OutcomeKind } from '../outcome.ts';

/** What a batch is started with; texts are documents in the repository's artifact store. */
export interface BatchInput {
  readonly version: 1;
  readonly batch: string;
  readonly repo: string;
  readonly settings: string;
  /** sha256 of each plan document of this batch; all but the first were added while it ran. */
  readonly plans: readonly string[];
  readonly forge: ForgeKind;
  readonly width: number;
  readonly policy: Policy;
  /** Where an earlier run of this batch left off. */
  readonly carried: Carried | null;
}

/** What one run of a batch hands to the next: everything that is not in the plans. */
export interface Carried {
  /** A character an issue, see `encodeStandings`. */
  readonly standings: string;
  /** Indexes of issues that a person released. */
  readonly released: readonly number[];
  /** Approved work that has not landed and that dependents may still start on: `[index, sha, pull request]`. */
  readonly work: readonly (readonly [number, string, number | null])[];
  /** What the issues have told of their cost so far, in US dollars. */
  readonly spentUsd: number;
  /** The same in tokens. Left out by earlier versions. */
  readonly spentTokens?: number;
  /** The batch's budget as it is now. Left out by earlier versions: the policy holds it. */
  readonly budget?: Budget;
  readonly control: BatchControl;
  /** Profiles that cannot be used, and until when (epoch ms). */
  readonly parked: Readonly<Record<string, number>>;
  /** Why they cannot, if the reason is not their quota. Left out: it is. */
  readonly parkedWhy?: Readonly<Record<string, string>>;
  readonly startedAt: number;
  /** Indexes of issues that another batch had started. Left out: none. */
  readonly adopted?: readonly number[];
  /** Indexes of issues that this batch could neither start nor wait for, and why. Left out: none. */
  readonly refused?: readonly (readonly [number, string])[];
  /** Indexes of issues that a person cancelled before they were started. Left out: none. */
  readonly dropped?: readonly number[];
}

/** What people want a batch to do now. */
export type BatchControl = 'running' | 'paused' | 'stopped';

/** Where an issue came to rest, as it tells its batches; `parked` and `manual` (a person): it waits, without a slot. */
export interface Settled {
  readonly key: string;
  readonly kind: OutcomeKind | 'parked' | 'manual';
  /** Dependents may start on it (for `skipped`, which alone does not tell). */
  readonly satisfies: boolean;
  readonly sha: string | null;
  readonly pullRequest: number | null;
  /** Spent since it told the last time. */
  readonly costUsd: number;
  /** Tokens of all kinds, spent since it told the last time. Left out by earlier versions. */
  readonly tokens?: number;
}

/** An issue that its batch could neither start nor wait for; it counts as failed. */
export interface RefusedIssue {
  readonly key: string;
  /** For people. */
  readonly why: string;
}

/** A batch that has come to its end: counts by outcome; the outcomes themselves are the issues' results. */
export interface BatchResult {
  readonly version: 1;
  readonly batch: string;
  readonly counts: Readonly<Partial<Record<OutcomeKind, number>>>;
  readonly durationMs: number;
  readonly costUsd: number;
  /** sha256 of every plan document, the added ones too. */
  readonly plans: readonly string[];
  /** Keys of issues that another batch had started: lists show them under that one. */
  readonly adopted: readonly string[];
  readonly refused?: readonly RefusedIssue[];
  /** Keys of issues that a person cancelled before they were started. */
  readonly dropped?: readonly string[];
}

/** Where a batch stands, without its issues: as small for 10,000 as for one. */
export interface BatchFacts {
  readonly version: 1;
  readonly batch: string;
  readonly control: BatchControl;
  readonly width: number;
  /** Nothing runs and nothing can start until a person does something. */
  readonly atRest: boolean;
  /** sha256 of every plan document, the added ones too. */
  readonly plans: readonly string[];
  readonly spentUsd: number;
  /** What it may spend. Left out by earlier versions. */
  readonly budget?: Budget;
}

/** What a person who asks for a batch is told. */
export interface BatchStatus extends BatchFacts {
  /** Issues that have not been started, with why. */
  readonly waiting: readonly { readonly key: string; readonly why: string }[];
  readonly refused?: readonly RefusedIssue[];
  /** Keys of issues that a person cancelled before they were started. */
  readonly dropped?: readonly string[];
}
