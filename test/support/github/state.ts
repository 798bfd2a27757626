import type { Permission } from '../../../activities/forges/account.ts';

/** Somebody on the fake; the id has nothing to do with the login. */
export interface AccountRecord {
  readonly id: number;
  readonly login: string;
  readonly permission: Permission;
  /** A token without scopes is a fine-grained one, which GitHub says no scopes of. */
  readonly scopes: readonly string[] | null;
  readonly token: string;
}

export interface CommentRecord {
  readonly id: number;
  readonly author: AccountRecord;
  body: string;
  readonly createdAt: string;
  updatedAt: string;
}

/** Something that happened to an issue, as the timeline tells it. */
export interface EventRecord {
  readonly id: number;
  readonly event:
    | 'labeled'
    | 'unlabeled'
    | 'closed'
    | 'reopened'
    | 'cross-referenced'
    | 'merged'
    | 'head_ref_deleted'
    | 'renamed'
    | 'connected';
  readonly actor: AccountRecord;
  readonly createdAt: string;
  readonly label?: string;
  readonly rename?: { readonly from: string; readonly to: string };
  /** Number of the issue or pull request that mentioned it. */
  readonly source?: number;
  readonly commit?: string;
}

export interface InlineRecord {
  readonly id: number;
  /** Of the review that brought it; a reply has one of its own. */
  readonly review: number;
  readonly author: AccountRecord;
  readonly path: string;
  readonly line: number;
  readonly side: 'LEFT' | 'RIGHT';
  readonly startLine: number | null;
  readonly sha: string;
  readonly hunk: string;
  /** The comment that began the thread; null: this one did. */
  readonly replyTo: number | null;
  body: string;
  resolved: boolean;
  readonly createdAt: string;
}

export interface ReviewRecord {
  readonly id: number;
  readonly author: AccountRecord;
  body: string;
  state: 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED' | 'PENDING';
  readonly sha: string;
  readonly submittedAt: string;
}

export interface AutoMerge {
  readonly by: AccountRecord;
  readonly method: MergeMethod;
  readonly title: string | null;
  readonly message: string | null;
}

export type MergeMethod = 'merge' | 'squash' | 'rebase';

/** What a pull request has beyond an issue. */
export interface PullRecord {
  readonly id: number;
  branch: string;
  head: string;
  base: string;
  /** Tip of the base when the pull request was last looked at, or merged. */
  baseSha: string;
  isDraft: boolean;
  merged: { readonly sha: string; readonly at: string; readonly by: AccountRecord } | null;
  autoMerge: AutoMerge | null;
  readonly reviews: ReviewRecord[];
  readonly inline: InlineRecord[];
  /** How often it was read since head or base moved: `mergeable` is null at first. */
  reads: number;
}

/** An issue or a pull request: they share their numbers. */
export interface IssueRecord {
  readonly id: number;
  readonly number: number;
  title: string;
  body: string;
  readonly author: AccountRecord;
  state: 'open' | 'closed';
  stateReason: 'completed' | 'not_planned' | 'duplicate' | 'reopened' | null;
  labels: string[];
  assignees: AccountRecord[];
  milestone: number | null;
  locked: boolean;
  readonly createdAt: string;
  updatedAt: string;
  /** Last edit of the body; null: there was none. */
  editedAt: string | null;
  closedAt: string | null;
  readonly comments: CommentRecord[];
  readonly events: EventRecord[];
  blockedBy: number[];
  /** Pull requests that were linked to it by hand. */
  readonly linked: number[];
  readonly pull: PullRecord | null;
  /** Searching finds it only after the index was brought up to date. */
  indexed: boolean;
}

export interface LabelRecord {
  readonly id: number;
  readonly name: string;
  readonly color: string;
  readonly description: string | null;
}

export interface MilestoneRecord {
  readonly id: number;
  readonly number: number;
  readonly title: string;
}

export interface StatusRecord {
  readonly id: number;
  readonly sha: string;
  readonly context: string;
  readonly state: 'error' | 'failure' | 'pending' | 'success';
  readonly description: string | null;
  readonly url: string | null;
  readonly creator: AccountRecord;
  readonly createdAt: string;
}

export type Conclusion = 'success' | 'failure' | 'neutral' | 'cancelled' | 'skipped' | 'timed_out' | 'action_required';

/** A check run; the ones of Actions are jobs too, under the same id. */
export interface CheckRecord {
  readonly id: number;
  readonly run: number;
  readonly sha: string;
  readonly branch: string | null;
  readonly name: string;
  readonly app: 'github-actions' | 'other-app';
  /** Null: not done yet. */
  conclusion: Conclusion | null;
  log: string;
  readonly attempt: number;
  readonly startedAt: string;
}

/** Everything that the fake remembers beside what its git repository holds. */
export interface State {
  readonly issues: Map<number, IssueRecord>;
  readonly labels: Map<string, LabelRecord>;
  readonly milestones: MilestoneRecord[];
  readonly statuses: StatusRecord[];
  readonly checks: CheckRecord[];
  /** Tip of the default branch at the last look. */
  readonly tips: Map<string, string>;
  /** Pushes that CI has not seen, and commits that it has. */
  readonly pushed: { readonly branch: string; readonly sha: string }[];
  readonly started: Set<string>;
}

export function emptyState(): State {
  return {
    issues: new Map(),
    labels: new Map(),
    milestones: [],
    statuses: [],
    checks: [],
    tips: new Map(),
    pushed: [],
    started: new Set(),
  };
}
