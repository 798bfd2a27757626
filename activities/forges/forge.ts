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
  readIssue(issue: IssueIdentity): Promise<LiveIssue>;
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
  answerThreads(pull: number, answers: readonly ThreadAnswer[]): Promise<void>;
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
