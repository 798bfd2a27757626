import type { ArtifactRef } from '../artifact.ts';
import type { Base, IssueRef, Usage } from '../attempt.ts';
import type { DependencyWork } from '../issue.ts';
import type { Outcome } from '../outcome.ts';

/** Work to be pushed to its branch. */
export interface PublishInput {
  readonly version: 1;
  readonly issue: IssueRef;
  readonly branch: string;
  /** Private ref and sha that `runAgent` reported: pushed only if they agree. */
  readonly ref: string;
  readonly head: string;
  /** Sha that we pushed last; null: the branch must not exist yet (or hold `head` already). */
  readonly expected: string | null;
}

/** Work to be proposed as a pull request. */
export interface OpenPullRequestInput {
  readonly version: 1;
  readonly issue: IssueRef;
  readonly branch: string;
  readonly base: Base;
  readonly head: string;
  readonly title: string;
  readonly summary: string;
  /** Dependencies whose work this one contains; named in the body. */
  readonly dependencies: readonly DependencyWork[];
  readonly checks: ArtifactRef | null;
  /** What the issue cost so far; left out: not named in the body. */
  readonly usage?: Usage;
}

/** A pull request by its number. */
export interface PullRequestRef {
  readonly number: number;
  readonly url: string | null;
}

/** A review to be shown on the forge. */
export interface PostReviewInput {
  readonly version: 1;
  readonly issue: IssueRef;
  /** Null: landing is `direct`, only the commit status is set. */
  readonly pullRequest: number | null;
  readonly head: string;
  readonly round: number;
  readonly review: ArtifactRef;
}

/** A person took the work as it is: from now on that sha counts as approved. */
export interface AcceptInput {
  readonly version: 1;
  readonly issue: IssueRef;
  readonly pullRequest: number | null;
  readonly head: string;
  /** Words of that person; null: none. */
  readonly reason: string | null;
}

/** Shows on the forge that an issue is worked on, or waits for a person. */
export interface AnnounceInput {
  readonly version: 1;
  readonly issue: IssueRef;
  readonly standing: 'working' | 'waiting';
  /** Why it waits. */
  readonly reason: string | null;
  readonly pullRequest: number | null;
}

/** Which published work's CI is meant. */
export interface CiInput {
  readonly version: 1;
  readonly issue: IssueRef;
  readonly head: string;
  readonly base: string;
  readonly pullRequest: number | null;
}

/** An outcome to be shown on the forge. */
export interface OutcomeInput {
  readonly version: 1;
  readonly issue: IssueRef;
  readonly outcome: Outcome;
}

/** Approved work to be landed. */
export interface LandInput {
  readonly version: 1;
  readonly issue: IssueRef;
  readonly branch: string;
  readonly base: Base;
  readonly head: string;
  readonly title: string;
  readonly pullRequest: number | null;
  /** A person took the work as it is, protected paths included. Left out: nobody did. */
  readonly accepted?: boolean;
  /** CI was waited for already. Left out: it was not. */
  readonly ciPassed?: boolean;
}

/** What came of a landing. */
export type LandResult =
  /** `sha`: the base's new tip, which contains the work. */
  | { readonly kind: 'landed'; readonly sha: string }
  /** The forge merges it when its rules are met. */
  | { readonly kind: 'scheduled' }
  /** CI has to be waited for first. */
  | { readonly kind: 'pending' }
  /** Does not merge clean on the newest base; the conflicting files. */
  | { readonly kind: 'conflict'; readonly files: readonly string[] }
  /** Something outside must change first; `command`: what a person can type. */
  | { readonly kind: 'blocked'; readonly reason: string; readonly command: string };

/** The worktree of an issue that is over. */
export interface RemoveInput {
  readonly version: 1;
  readonly issue: IssueRef;
  /** Keep the worktree: a person is asked to look at it. */
  readonly keepWorktree: boolean;
}
