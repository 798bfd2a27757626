import type { ArtifactRef } from './artifact.ts';
import type { DependencyWork, Priority } from './issue.ts';
import type { Budgets, Role } from './settings.ts';

/** Where an issue's texts and rules are found: names and digests, never paths or commands. */
export interface IssueRef {
  /** Key of the repository. */
  readonly repo: string;
  /** sha256 of the settings document. */
  readonly settings: string;
  /** sha256 of the plan document. */
  readonly plan: string;
  readonly batch: string;
  readonly id: string;
  readonly key: string;
}

/** Tokens and money; costUsd is 0 where the agent does not report it. */
export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedTokens: number;
  readonly costUsd: number;
}

/** Nothing was used. */
export const noUsage: Usage = { inputTokens: 0, outputTokens: 0, cachedTokens: 0, costUsd: 0 };

/** Adds two usages, field by field. */
export function addUsage(a: Usage, b: Usage): Usage {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cachedTokens: a.cachedTokens + b.cachedTokens,
    costUsd: a.costUsd + b.costUsd,
  };
}

/** What the preparation of an issue needs to know. */
export interface PrepareInput {
  readonly version: 1;
  readonly issue: IssueRef;
  readonly priority: Priority;
  /** Approved work of dependencies that has not landed; the worktree starts on it. */
  readonly dependencies: readonly DependencyWork[];
  /** A person asked for this run again: our own pull requests, open or closed, are no reason to skip it. */
  readonly rerun: boolean;
  /** Branch and commit at which another host rebuilds the worktree; null: the work starts afresh. */
  readonly resume: { readonly branch: string; readonly head: string } | null;
}

/** A commit that work starts from. */
export interface Base {
  readonly branch: string;
  /** Newest sha of that branch when the worktree was made. */
  readonly sha: string;
  /** Where the issue's branch starts: `sha`, or the (merged) work of its dependencies. */
  readonly start: string;
}

/** How a preparation ended. */
export type Prepared =
  | {
      readonly kind: 'ready';
      readonly host: string;
      readonly title: string;
      readonly branch: string;
      readonly base: Base;
      /** Number of the next attempt: one more than the highest private ref of this issue. */
      readonly attempt: number;
      /** The issue's own open pull request, adopted by a rerun. */
      readonly pullRequest: number | null;
    }
  /** Nothing to do. `sha`: the approved, not landed work that dependents may start on. */
  | {
      readonly kind: 'skipped';
      readonly reason: string;
      readonly pullRequest: number | null;
      readonly sha: string | null;
      readonly satisfies: boolean;
    }
  /** The work of its dependencies does not merge. */
  | { readonly kind: 'held'; readonly reason: string };

/** What an attempt is asked to do; texts are artifacts. */
export type Ask =
  | { readonly kind: 'implement' }
  /** The agent did nothing: say why that will not do, see `pushBackAnswer`. */
  | { readonly kind: 'push-back'; readonly words: string }
  | { readonly kind: 'fix-checks'; readonly checks: ArtifactRef }
  | { readonly kind: 'fix-review'; readonly review: ArtifactRef }
  /** `earlier`: the findings of the last round, to be judged one by one. `since`: the sha they were made on. */
  | { readonly kind: 'review'; readonly earlier: ArtifactRef | null; readonly since: string | null }
  /** The verdict did not parse: ask once more in the same session. */
  | {
      readonly kind: 'review-again';
      readonly problem: string;
      readonly earlier?: ArtifactRef | null;
      readonly since?: string | null;
    }
  /** Go on in the same session: context or turns ran out, or a person said something. */
  | { readonly kind: 'continue' };

/** What one attempt needs to know. */
export interface AttemptInput {
  readonly version: 1;
  readonly issue: IssueRef;
  readonly role: Role;
  readonly profile: string;
  /** Counts invocations of an agent on this issue over all its runs, from 1. */
  readonly attempt: number;
  /** Review rounds begun, 0 before the first review. */
  readonly round: number;
  readonly session: {
    /** Preset by the workflow, so that it is durable before the process exists. */
    readonly id: string;
    /** An earlier attempt used it: resume, do not start. */
    readonly resumed: boolean;
  };
  readonly base: Base;
  readonly branch: string;
  /** Where the worktree stands (`implement`, `fix`) or what is reviewed (`review`). */
  readonly head: string;
  readonly ask: Ask;
  /** Words of a person for the agent; null: none. */
  readonly message: string | null;
  /** Budgets that apply besides the profile's own limits. Left out by earlier versions: none. */
  readonly budgets?: Budgets;
  /** Used by the issue before this attempt, as far as its budget counts it. */
  readonly spent?: Usage;
}

/** How an attempt ended; a crash or a stall is thrown as a failure instead. */
export type AttemptEnd =
  /** The agent's claim; what counts is `changed`. `none`: it ended without saying anything. */
  | { readonly kind: 'worked'; readonly claim: 'completed' | 'no-change' | 'failed' | 'none' }
  | {
      readonly kind: 'reviewed';
      readonly verdict: 'approved' | 'needs-work';
      readonly findings: number;
      readonly review: ArtifactRef;
    }
  /** A review whose verdict does not parse: neither an approval nor a used round. */
  | { readonly kind: 'unreadable'; readonly problem: string }
  /** Context or turns used up: the same session goes on. */
  | { readonly kind: 'exhausted'; readonly what: string }
  /** The account's window is used up. Epoch ms of the reported reset; null: not told. `reason`: the agent's words. */
  | { readonly kind: 'limited'; readonly resetsAt: number | null; readonly reason?: string }
  /** A limit was reached and the run was stopped; its work is kept. */
  | {
      readonly kind: 'budget-spent';
      readonly what: string;
      /** Whose budget, and how much of it; left out where it is a limit of the profile. */
      readonly reason?: string;
      /** When that budget begins anew, epoch ms; left out: it does not by itself. */
      readonly renewsAt?: number;
    }
  /** It asked for a permission that nobody gave: a person has to change the profile. */
  | { readonly kind: 'refused'; readonly reason: string };

/** What came of one attempt. */
export interface AttemptResult {
  readonly version: 1;
  readonly end: AttemptEnd;
  /** Session to resume next time; differs from the one asked for where the agent chose its own. */
  readonly session: string;
  /** Sha of the committed work; the input's head where there is none. */
  readonly head: string;
  /** Work was added: head moved and the tree differs from before. */
  readonly changed: boolean;
  /** Private ref that keeps the work, `refs/millrace/<issue>/<attempt>`. */
  readonly ref: string;
  /** The agent's own words, at most 500 characters. */
  readonly summary: string;
  readonly usage: Usage;
  readonly durationMs: number;
  /** Why the earlier session could not go on, so that the agent began a new one with a recap; left out: it went on. */
  readonly sessionLost?: string;
}

/** What a running attempt reports with every heartbeat, for a retry and for people who look at it; at most 1 KB. */
export interface AttemptHeartbeat {
  readonly host: string;
  readonly session: string;
  readonly phase: 'waiting-for-slot' | 'preparing' | 'running' | 'saving' | 'checking';
  /** What the agent said last, at most 200 characters. */
  readonly lastLine: string;
  /** How many bytes the running program has printed so far. */
  readonly bytes: number;
  /** Used by the whole attempt so far. */
  readonly usage: Usage;
}

/** What a failed attempt leaves behind: details of `AgentCrashed` and `AgentStalled`. */
export interface AttemptLeftover {
  readonly head: string;
  readonly changed: boolean;
  readonly ref: string;
  readonly session: string;
  readonly usage: Usage;
}

/** Which work is checked. */
export interface ChecksInput {
  readonly version: 1;
  readonly issue: IssueRef;
  readonly branch: string;
  readonly base: Base;
  readonly head: string;
  readonly attempt: number;
}

/** What the checks of some work came to. */
export interface ChecksResult {
  readonly passed: boolean;
  readonly checks: readonly { readonly name: string; readonly passed: boolean; readonly durationMs: number }[];
  /** The `ChecksDocument` with the outputs. */
  readonly document: ArtifactRef;
}

/** Artifact: what the checks printed; for the agent and the pull request. */
export interface ChecksDocument {
  readonly version: 1;
  readonly head: string;
  readonly checks: readonly {
    readonly name: string;
    readonly passed: boolean;
    readonly exitCode: number | null;
    readonly durationMs: number;
    /** The last 16 KB of standard output and error. */
    readonly output: string;
  }[];
}
