import type { ArtifactRef } from './artifact.ts';
import { noUsage, type Base, type Usage } from './attempt.ts';
import type { IssueInput } from './run.ts';
import { budgetsOf, type Budgets } from './settings.ts';
import type { Stage } from './stage.ts';
import type { Counters } from './step.ts';

/** Everything that an issue's workflow knows of itself: a value, which transitions replace as a whole. */
export interface IssueState {
  readonly stage: Stage;
  /** Why it waits; null: it does not. */
  readonly reason: string | null;
  readonly counters: Counters;
  /** Number of the last attempt. */
  readonly attempts: number;
  readonly title: string;
  readonly host: string | null;
  readonly branch: string | null;
  readonly base: Base | null;
  /** Newest committed work, and the private ref that keeps it. */
  readonly head: string | null;
  readonly ref: string | null;
  /** Sha on the remote branch. */
  readonly pushed: string | null;
  /** From when the time for CI counts; epoch ms. */
  readonly ciSince: number;
  /** The head whose failed CI was started again. */
  readonly rerunOf: string | null;
  readonly pullRequest: number | null;
  /** The implementer's words, for the pull request. */
  readonly summary: string;
  /** Output of the last checks, for the pull request. */
  readonly checks: ArtifactRef | null;
  readonly lastVerdict: string | null;
  /** The last review, whose findings the next round judges, and the head that it saw. */
  readonly lastReview: { readonly document: ArtifactRef; readonly head: string } | null;
  /** Who approved the work, for the outcome. */
  readonly approval: string;
  /** A person took the work as it is. */
  readonly accepted: boolean;
  /** The base's tip that contains the landed work. */
  readonly landedAs: string | null;
  /** It was skipped because it is done already, so that dependents may start. */
  readonly satisfies: boolean;
  /** A person's words for the next attempt that works. */
  readonly words: string | null;
  readonly usage: Usage;
  /** What may be spent, in all. */
  readonly budgets: Budgets;
  /** What went another way than planned; the last ones. */
  readonly notes: readonly string[];
}

/** What an issue knows before its first step. */
export function initialState({ policy, title, rerun }: IssueInput): IssueState {
  return {
    stage: 'queued',
    reason: null,
    counters: {
      rounds: 0,
      roundsAllowed: policy.rounds,
      checkFixes: 0,
      ciFixes: 0,
      continuations: 0,
      pushedBack: false,
    },
    attempts: 0,
    title,
    host: null,
    branch: null,
    base: null,
    head: null,
    ref: null,
    pushed: null,
    ciSince: 0,
    rerunOf: null,
    pullRequest: null,
    summary: '',
    checks: null,
    lastVerdict: null,
    lastReview: null,
    approval: 'approved by review',
    accepted: false,
    landedAs: null,
    satisfies: false,
    words: rerun?.message ?? null,
    usage: noUsage,
    budgets: budgetsOf(policy),
    notes: [],
  };
}

/** What every step after prepare works on. */
export interface IssueWork {
  /** Whose disk holds the worktree. */
  readonly host: string;
  readonly branch: string;
  readonly base: Base;
  readonly head: string;
}

/** The work of a prepared issue. @throws Error before it is prepared, which is a bug. */
export function workOf({ host, branch, base, head }: IssueState): IssueWork {
  if (host === null || branch === null || base === null || head === null)
    throw new Error('a step came before the issue was prepared');
  return { host, branch, base, head };
}
