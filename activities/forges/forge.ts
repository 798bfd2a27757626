/** A forge, bound to one repository. Short calls, one effect each; every `ensure*` and `post*` may be repeated. */
export interface Forge {
  /** Asked once per repository and batch; workflows branch on it, never on a forge's name. */
  capabilities(): Promise<Capabilities>;
  readIssue(issue: IssueIdentity): Promise<IssueState>;
  closeIssue(issue: IssueIdentity, closing: Closing): Promise<void>;
  /** @throws ForgeError `invalid` without such a branch, `no-commits` when the base has all of it. */
  ensurePull(key: Key, draft: PullDraft): Promise<Ensured<PullRequest>>;
  /** @throws ForgeError `not-found`. */
  pull(number: number): Promise<PullRequest>;
  /** Open, closed and merged ones, oldest first. */
  pulls(of: PullFilter): Promise<readonly PullRequest[]>;
  /** @throws ForgeError `conflict` when a merged one is to be opened or closed. */
  editPull(number: number, edit: PullEdit): Promise<PullRequest>;
  postReview(key: Key, number: number, review: Review): Promise<Ensured<PostedReview>>;
  /** Edits the comment of that key in place. */
  ensureComment(key: Key, on: CommentTarget, body: string): Promise<Ensured<Comment>>;
  setStatus(sha: string, status: CommitStatus): Promise<void>;
  /** The newest status of each context. */
  statuses(sha: string): Promise<readonly CommitStatus[]>;
  /** Names that begin so, whether a pull request belongs to them or not. */
  branches(prefix: string): Promise<readonly string[]>;
}

export interface Capabilities {
  /** Whether a formal verdict may be given on one's own pull request. */
  readonly ownReview: 'any' | 'comment-only';
  /** Merging when CI is green is the forge's work and bound to a sha. */
  readonly scheduledMerge: boolean;
  readonly checks: 'check-runs' | 'statuses';
}

/** Names an effect, so that doing it twice is doing it once: `[A-Za-z0-9._/-]+`, shown in a hidden marker. */
export type Key = string;

/** Key of an issue's pull request, together with its branch. */
export function pullKey(issueKey: string): Key {
  return `issue/${issueKey}`;
}

/** Key of the one status comment of an issue. */
export function statusKey(issueKey: string): Key {
  return `issue/${issueKey}/status`;
}

/** Key of the review of one sha in one round. */
export function reviewKey(review: { readonly pull: number; readonly sha: string; readonly round: number }): Key {
  return `review/${review.pull}/${review.sha}/${review.round}`;
}

/** A body with the hidden marker that finds it again. @throws ForgeError `invalid` for a key that could end the marker. */
export function marked(key: Key, body: string): string {
  if (!/^[A-Za-z0-9._/-]+$/.test(key))
    throw new ForgeError('invalid', `not a key: ${JSON.stringify(key.slice(0, 80))}`);
  return `${body.trimEnd()}\n\n<!-- millrace-key: ${key} -->\n`;
}

/** The status that says what the review of a sha came to; the one that other things may rely on. */
export const reviewContext = 'millrace/review';

/** An issue as a forge is asked for it. */
export interface IssueIdentity {
  readonly id: string;
  /** `[A-Za-z0-9_-]{1,64}`. */
  readonly key: string;
  /** Of title and body; where a plan is the only place of an issue, another text is another issue. */
  readonly textHash: string;
}

export interface IssueState {
  readonly state: 'open' | 'closed';
  /** For people; null: it is open. */
  readonly closedBecause: string | null;
  /** Its pull requests in all states, oldest first. */
  readonly pulls: readonly PullRequest[];
}

export interface Closing {
  readonly why: 'completed' | 'not-planned';
  /** One sentence for people. */
  readonly because: string;
  /** The commit that settled it. */
  readonly sha: string | null;
}

export type PullState = 'open' | 'closed' | 'merged';

export interface PullRequest {
  readonly number: number;
  readonly url: string | null;
  readonly issueKey: string;
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

export interface PullDraft {
  readonly issue: IssueIdentity;
  readonly branch: string;
  readonly head: string;
  readonly base: string;
  readonly title: string;
  readonly body: string;
}

export type PullFilter = { readonly branch: string } | { readonly issueKey: string } | 'all';

export interface PullEdit {
  readonly title?: string;
  readonly body?: string;
  readonly state?: 'open' | 'closed';
}

export interface Review {
  readonly sha: string;
  readonly verdict: 'approved' | 'needs-work';
  readonly body: string;
}

export interface PostedReview extends Review {
  readonly key: Key;
}

export type CommentTarget = { readonly issue: IssueIdentity } | { readonly pull: number };

export interface Comment {
  readonly key: Key;
  readonly body: string;
}

export interface CommitStatus {
  readonly context: string;
  readonly state: 'pending' | 'success' | 'failure';
  /** At most 140 characters: GitHub refuses more. */
  readonly text: string;
}

export interface Ensured<T> {
  readonly value: T;
  /** False: it was there already, and was adopted. */
  readonly created: boolean;
}

/** Why a forge did not do what it was asked; the words of each are matched by its adapter, once. */
export type ForgeErrorKind =
  | 'network'
  | 'server'
  | 'rate-limit'
  | 'response-invalid'
  | 'merge-not-ready'
  | 'merge-blocked'
  | 'stale-head'
  | 'changed'
  | 'conflict'
  | 'not-mergeable'
  | 'already-exists'
  | 'self-review'
  | 'bad-position'
  | 'no-commits'
  | 'invalid'
  | 'auth'
  | 'forbidden'
  | 'read-only'
  | 'not-found'
  | 'unsupported'
  | 'rejected';

/** What a forge adapter throws: the kind decides what happens next, status and message are for people. */
export class ForgeError extends Error {
  override readonly name = 'ForgeError';
  readonly kind: ForgeErrorKind;
  /** HTTP status; null where no answer came or the forge speaks no HTTP. */
  readonly status: number | null;
  /** How long the forge asked us to wait; null: it did not say. */
  readonly retryAfterMs: number | null;

  constructor(kind: ForgeErrorKind, message: string, facts: { status?: number; retryAfterMs?: number } = {}) {
    super(message);
    this.kind = kind;
    this.status = facts.status ?? null;
    this.retryAfterMs = facts.retryAfterMs ?? null;
  }
}
