import type { CiCheck, CiState } from '../../workflows/domain/forge/ci.ts';
import type { ForgeAccess, ForgeInspection } from '../../workflows/domain/forge/forge-question.ts';
import type { Account, Permission } from './account.ts';
import type {
  Closing,
  ForgeIssue,
  IssueAddress,
  IssueComment,
  IssueDraft,
  IssueQuery,
  LiveIssue,
  LabelChange,
  LabelSetting,
  ToldBlockers,
} from './issue.ts';
import type { IssueIdentity } from './identity.ts';
import type { Key } from './key.ts';
import type {
  Merge,
  MergeOrder,
  PostedReview,
  PullDraft,
  PullEdit,
  PullFilter,
  PullRequest,
  Review,
  Thread,
  ThreadAnswer,
} from './pull.ts';

/**
 * A forge, bound to one repository. Calls are short, with one effect each. Every `ensure*` and `post*` may be repeated: it looks
 * first, creates without retries of its own, and adopts what is there. Everything that it answers is untrusted text.
 */
export interface Forge {
  /** The account that acts. @throws ForgeError `auth`. */
  me(): Promise<Account>;
  /** Asked once per repository and batch; workflows branch on these, never on a forge's name. */
  capabilities(): Promise<Capabilities>;
  /** Whether work can be delivered here at all; one or two requests, made before any agent is paid. */
  access(): Promise<ForgeAccess>;
  /** What the credential may do here and how the base is protected; for `doctor`. */
  inspect(base: string): Promise<ForgeInspection>;

  /** Open issues, all pages, oldest first, never a pull request. @throws ForgeError `unsupported` on a forge without issues. */
  issues(query: IssueQuery): Promise<readonly ForgeIssue[]>;
  /** One issue in any state. @throws ForgeError `not-found`, also for a pull request of that number. */
  issue(number: number): Promise<ForgeIssue>;
  /** Oldest first, without our own. */
  comments(number: number): Promise<readonly IssueComment[]>;
  /** Open issues that block this one, as the forge itself keeps them. */
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
  readIssue(issue: IssueIdentity): Promise<LiveIssue>;
  closeIssue(issue: IssueIdentity, closing: Closing): Promise<void>;
  /** Adds and removes labels by name; makes missing ones first, and takes absent ones for removed. */
  label(issue: IssueIdentity, change: LabelChange): Promise<void>;

  /** @throws ForgeError `invalid` without such a branch, `no-commits` when the base has all of it. */
  ensurePull(key: Key, draft: PullDraft): Promise<Ensured<PullRequest>>;
  /** @throws ForgeError `not-found`. */
  pull(number: number): Promise<PullRequest>;
  /** Ours (`all`: everybody's): open, closed and merged ones, oldest first. */
  pulls(of: PullFilter): Promise<readonly PullRequest[]>;
  /** @throws ForgeError `conflict` when a merged one is to be opened or closed. */
  editPull(number: number, edit: PullEdit): Promise<PullRequest>;
  /** Posts a formal verdict if the account may give one, else a comment; remarks on missing lines go into the body. */
  postReview(key: Key, number: number, review: Review): Promise<Ensured<PostedReview>>;
  /** Threads that our reviews began. */
  threads(pull: number): Promise<readonly Thread[]>;
  /** Answers each thread once per key and resolves it; skips what this forge or this credential cannot do. */
  answerThreads(pull: number, answers: readonly ThreadAnswer[]): Promise<void>;
  /** Writes the comment of that key, or edits it in place. Null: the forge does not know the issue (it has no number). */
  ensureComment(key: Key, on: CommentTarget, body: string): Promise<Ensured<Comment> | null>;

  setStatus(sha: string, status: CommitStatus): Promise<void>;
  /** The newest status of each context. */
  statuses(sha: string): Promise<readonly CommitStatus[]>;
  /** Statuses and check runs of a commit as one state; `required` as far as the rules of `base` tell. */
  ci(sha: string, base: string): Promise<CiState>;
  /** The end of a check's log, at most that many bytes of UTF-8; null: no log is available. */
  ciLog(check: CiCheck, tailBytes: number): Promise<string | null>;
  /** Starts failed checks again. False: this forge or this credential cannot; nothing was done. */
  rerun(checks: readonly CiCheck[]): Promise<boolean>;

  /**
   * Merges by exact sha. `on-green`: the forge merges once its rules are met; needs `scheduledMerge`.
   * @throws ForgeError `stale-head`, `conflict`, `merge-not-ready`.
   */
  merge(number: number, order: MergeOrder): Promise<Merge>;
  /** Cancels a scheduled merge, if there is one. */
  cancelMerge(number: number): Promise<void>;
  /** Names of branches with that prefix, with or without a pull request. */
  branches(prefix: string): Promise<readonly string[]>;
}

/** What a forge can do; workflows branch on this and never on its name. */
export interface Capabilities {
  /** Whether it keeps issues of its own; if not, issues stand only in a plan. */
  readonly issues: boolean;
  /** Whether a formal verdict may be given on one's own pull request. */
  readonly ownReview: 'any' | 'comment-only';
  /** The forge itself can merge when CI is green, bound to a sha. */
  readonly scheduledMerge: boolean;
  readonly ciLog: boolean;
  readonly dependencies: boolean;
}

/** Where a comment stands. */
export type CommentTarget = { readonly issue: IssueIdentity } | { readonly pull: number };

/** A comment of ours, found again by its key. */
export interface Comment {
  readonly key: Key;
  readonly body: string;
}

/** What a commit shows under one context. */
export interface CommitStatus {
  readonly context: string;
  readonly state: 'pending' | 'success' | 'failure';
  /** At most 140 characters: GitHub refuses more. */
  readonly text: string;
}

/** Something of which exactly one exists after the call. */
export interface Ensured<T> {
  readonly value: T;
  /** False: it existed already and was adopted. */
  readonly created: boolean;
}
