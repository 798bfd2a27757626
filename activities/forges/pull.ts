import type { MergeMethod } from '../../workflows/domain/settings.ts';
import type { Account } from './account.ts';
import type { IssueIdentity } from './identity.ts';
import type { Key } from './key.ts';

/** How a pull request stands on its forge. */
export type PullState = 'open' | 'closed' | 'merged';

/** Picks the one pull request to keep for the same work: the merged one, else the oldest open one, else the newest closed one. */
export function staying<T extends { readonly state: PullState }>(oldestFirst: readonly T[]): T | null {
  const first = (state: PullState) => oldestFirst.find((pull) => pull.state === state);
  return first('merged') ?? first('open') ?? oldestFirst.at(-1) ?? null;
}

/** A pull request of any forge. */
export interface PullRequest {
  readonly number: number;
  readonly url: string | null;
  /** Key of the issue that we opened it for; null: it is not ours. */
  readonly issueKey: string | null;
  /** Null: the forge has no accounts. */
  readonly author: Account | null;
  readonly isDraft: boolean;
  readonly mergeable: 'yes' | 'no' | 'unknown';
  readonly title: string;
  readonly body: string;
  readonly state: PullState;
  readonly branch: string;
  /** Tip of the branch; the last one known where the branch is gone. */
  readonly head: string;
  readonly base: string;
  /** A commit of the base that contains the work; null: not merged. */
  readonly mergeSha: string | null;
}

/** A pull request to be opened. */
export interface PullDraft {
  readonly issue: IssueIdentity;
  readonly branch: string;
  readonly head: string;
  readonly base: string;
  readonly title: string;
  readonly body: string;
}

/** Which pull requests are listed. */
export type PullFilter = { readonly branch: string } | { readonly issueKey: string } | 'all';

/** What to change in a pull request; what is left out stays. */
export interface PullEdit {
  readonly title?: string;
  readonly body?: string;
  readonly state?: 'open' | 'closed';
}

/** A verdict on exactly one commit. */
export interface Review {
  readonly sha: string;
  readonly verdict: 'approved' | 'needs-work';
  readonly body: string;
  /** Left out: none. */
  readonly inline?: readonly InlineComment[];
}

/** A remark on a line of the new file, or of the old one if the line was removed. */
export interface InlineComment {
  readonly key: Key;
  readonly path: string;
  readonly line: number;
  readonly side: 'new' | 'old';
  readonly body: string;
}

/** A review as the forge has it. */
export interface PostedReview extends Review {
  readonly key: Key;
  /** How the verdict was given: formally, or as a comment on one's own pull request. */
  readonly event: 'approve' | 'request-changes' | 'comment';
}

/** A conversation that an inline comment of ours began. */
export interface Thread {
  /** The forge's own. */
  readonly id: string;
  /** Key of the inline comment. */
  readonly key: Key;
  readonly resolved: boolean;
}

/** Our answer to a thread whose remark was followed. */
export interface ThreadAnswer {
  readonly key: Key;
  readonly thread: Pick<Thread, 'id' | 'resolved'>;
  readonly body: string;
}

/** What is to be merged, how and when. */
export interface MergeOrder {
  readonly method: MergeMethod;
  /** The head that was reviewed, full and in lower case. */
  readonly sha: string;
  readonly when: 'now' | 'on-green';
  readonly title: string;
  readonly message: string;
}

/** What came of a merge. */
export type Merge =
  /** `sha`: a commit on the base that contains the work. */
  | { readonly kind: 'merged'; readonly sha: string }
  /** The forge merges it when its rules are met. */
  | { readonly kind: 'scheduled' }
  /** A rule of the forge forbids it for now; `reason`: the forge's own words. */
  | { readonly kind: 'blocked'; readonly reason: string };
