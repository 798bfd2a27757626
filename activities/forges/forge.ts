import type { CiCheck, CiState } from '../../workflows/domain/ci.ts';
import type { ForgeAccess, ForgeInspection } from '../../workflows/domain/door.ts';
import type { MergeMethod } from '../../workflows/domain/settings.ts';
import type { Key } from './key.ts';

/**
 * A forge, bound to one repository. Short calls, one effect each; every `ensure*` and `post*` may be repeated: it looks
 * first, creates without retries of its own, and adopts what is there. Everything that it answers is untrusted text.
 */
export interface Forge {
  /** The account that acts. @throws ForgeError `auth`. */
  me(): Promise<Account>;
  /** Asked once per repository and batch; workflows branch on it, never on a forge's name. */
  capabilities(): Promise<Capabilities>;
  /** Whether work can be delivered here at all, in a request or two: asked before any agent is paid. */
  access(): Promise<ForgeAccess>;
  /** What the credential may do here and how the base is protected; for `doctor`. */
  inspect(base: string): Promise<ForgeInspection>;

  /** Open issues, all pages, oldest first, never a pull request. @throws ForgeError `unsupported` where plans are the issues. */
  issues(query: IssueQuery): Promise<readonly ForgeIssue[]>;
  /** One issue in any state. @throws ForgeError `not-found`, also for a pull request of that number. */
  issue(number: number): Promise<ForgeIssue>;
  /** Oldest first; without ours. */
  comments(number: number): Promise<readonly IssueComment[]>;
  /** What the forge itself says blocks this one, closed ones left out. */
  blockedBy(number: number): Promise<ToldBlockers>;
  /** Whether an issue or a pull request of another repository of the same server is open; null: we cannot see it. */
  isOpenElsewhere(at: IssueAddress): Promise<boolean | null>;
  /** Who set each label that the issue has now, and when. */
  labelSetters(number: number): Promise<readonly LabelSetting[]>;
  /** The latest time, epoch ms, at which title or body may have been edited; null: they never were. */
  textEditedAt(number: number): Promise<number | null>;
  permission(account: Account): Promise<Permission>;
  ensureIssue(key: Key, draft: IssueDraft): Promise<Ensured<ForgeIssue>>;

  /** Live state of an issue as a plan knows it, with the pull requests for it, whoever opened them. */
  readIssue(issue: IssueIdentity): Promise<IssueState>;
  closeIssue(issue: IssueIdentity, closing: Closing): Promise<void>;
  /** Adds and removes labels, by name; a missing one is made first, an absent one is removed already. */
  label(issue: IssueIdentity, change: LabelChange): Promise<void>;

  /** @throws ForgeError `invalid` without such a branch, `no-commits` when the base has all of it. */
  ensurePull(key: Key, draft: PullDraft): Promise<Ensured<PullRequest>>;
  /** @throws ForgeError `not-found`. */
  pull(number: number): Promise<PullRequest>;
  /** Ours (`all`: everybody's): open, closed and merged ones, oldest first. */
  pulls(of: PullFilter): Promise<readonly PullRequest[]>;
  /** @throws ForgeError `conflict` when a merged one is to be opened or closed. */
  editPull(number: number, edit: PullEdit): Promise<PullRequest>;
  /** A formal verdict where the account may give one, else a comment; lines that do not exist go into the body. */
  postReview(key: Key, number: number, review: Review): Promise<Ensured<PostedReview>>;
  /** Threads that our reviews began. */
  threads(pull: number): Promise<readonly Thread[]>;
  /** Answers threads, each once a key, and resolves them; what this forge or this credential cannot do is left. */
  settle(pull: number, answers: readonly ThreadAnswer[]): Promise<void>;
  /** Edits the comment of that key in place. An issue that the forge does not know (no number) has none: null. */
  ensureComment(key: Key, on: CommentTarget, body: string): Promise<Ensured<Comment> | null>;

  setStatus(sha: string, status: CommitStatus): Promise<void>;
  /** The newest status of each context. */
  statuses(sha: string): Promise<readonly CommitStatus[]>;
  /** Statuses and check runs of a commit, folded; `required` as far as a rule of `base` tells. */
  ci(sha: string, base: string): Promise<CiState>;
  /** The end of a check's log, at most that many bytes of UTF-8; null: there is none to be had. */
  ciLog(check: CiCheck, tailBytes: number): Promise<string | null>;
  /** Starts failed checks again. False: this forge or this credential cannot, and nothing was done. */
  rerun(checks: readonly CiCheck[]): Promise<boolean>;

  /**
   * Merges by exact sha. `on-green`: the forge does it once its rules are met, where `scheduledMerge`.
   * @throws ForgeError `stale-head`, `conflict`, `merge-not-ready`.
   */
  merge(number: number, order: MergeOrder): Promise<Merge>;
  /** Takes a scheduled merge back; none scheduled is done already. */
  cancelMerge(number: number): Promise<void>;
  /** Names that begin so, whether a pull request belongs to them or not. */
  branches(prefix: string): Promise<readonly string[]>;
}

export interface Capabilities {
  /** Whether it keeps issues of its own; without, a plan is the only place of an issue. */
  readonly issues: boolean;
  /** Whether a formal verdict may be given on one's own pull request. */
  readonly ownReview: 'any' | 'comment-only';
  /** Merging when CI is green is the forge's work and bound to a sha. */
  readonly scheduledMerge: boolean;
  readonly ciLog: boolean;
  readonly dependencies: boolean;
}

/** Somebody on a forge; compared by id, since logins change hands. */
export interface Account {
  readonly id: string;
  readonly login: string;
}

export type Permission = 'none' | 'read' | 'write' | 'admin';

/** Which issues are wanted: all that is given has to hold. */
export interface IssueQuery {
  /** Each of them; compared without case. */
  readonly labels: readonly string[];
  /** Title of a milestone. */
  readonly milestone: string | null;
  /** Login. */
  readonly assignee: string | null;
  readonly search: string | null;
}

/** An issue as a forge has it. */
export interface ForgeIssue {
  readonly number: number;
  readonly title: string;
  /** Markdown as it stands there. */
  readonly body: string;
  readonly state: 'open' | 'closed';
  readonly labels: readonly string[];
  readonly author: Account;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly url: string | null;
}

export interface IssueComment {
  readonly id: string;
  readonly author: Account;
  readonly body: string;
  /** Epoch ms of its last edit. */
  readonly updatedAt: number;
}

/** Open issues that block another one. */
export interface ToldBlockers {
  /** Numbers in this repository. */
  readonly here: readonly number[];
  /** `owner/name#12` in others. */
  readonly elsewhere: readonly string[];
}

/** An issue of any repository of the server. */
export interface IssueAddress {
  readonly owner: string;
  readonly name: string;
  readonly number: number;
}

export interface LabelSetting {
  readonly label: string;
  readonly by: Account;
  /** Epoch ms of the newest event that set it; forges tell whole seconds. */
  readonly at: number;
}

export interface IssueDraft {
  readonly title: string;
  readonly body: string;
  readonly labels: readonly string[];
  /** Numbers of issues that have to be done first; told to the forge where it keeps dependencies. */
  readonly blockedBy: readonly number[];
}

export interface LabelChange {
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/** An issue as a forge is asked for it. */
export interface IssueIdentity {
  readonly id: string;
  /** `[A-Za-z0-9_-]{1,64}`. */
  readonly key: string;
  /** Of title and body; where a plan is the only place of an issue, another text is another issue. */
  readonly textHash: string;
  /** Its number on the forge; left out: only a plan knows it. */
  readonly number?: number;
}

export interface IssueState {
  readonly state: 'open' | 'closed';
  /** sha256 of title and body as they stand on the forge now, see `textHashOf`; null: a plan is the place of the text. */
  readonly textHash: string | null;
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
  /** Of the issue that we opened it for; null: it is not ours. */
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
  /** Left out: none. */
  readonly inline?: readonly InlineComment[];
}

/** A remark on a line of the new file, or, for removed lines, of the old one. */
export interface InlineComment {
  readonly key: Key;
  readonly path: string;
  readonly line: number;
  readonly side: 'new' | 'old';
  readonly body: string;
}

export interface PostedReview extends Review {
  readonly key: Key;
  /** How the verdict was given: formally, or as a comment on one's own pull request. */
  readonly event: 'approve' | 'request-changes' | 'comment';
}

/** A conversation that an inline comment of ours began. */
export interface Thread {
  /** The forge's own. */
  readonly id: string;
  /** Of the inline comment. */
  readonly key: Key;
  readonly resolved: boolean;
}

/** The last word on a thread whose remark was followed. */
export interface ThreadAnswer {
  readonly key: Key;
  readonly thread: Pick<Thread, 'id' | 'resolved'>;
  readonly body: string;
}

export interface MergeOrder {
  readonly method: MergeMethod;
  /** The head that was reviewed, full and in lower case. */
  readonly sha: string;
  readonly when: 'now' | 'on-green';
  readonly title: string;
  readonly message: string;
}

export type Merge =
  /** `sha`: what is on the base now and contains the work. */
  | { readonly kind: 'merged'; readonly sha: string }
  /** The forge merges it when its rules are met. */
  | { readonly kind: 'scheduled' }
  /** A rule of the forge forbids it as things stand; its own words. */
  | { readonly kind: 'blocked'; readonly reason: string };

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
