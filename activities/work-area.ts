import type { Base } from '../workflows/domain/attempt.ts';
import type { Repository } from './repository.ts';

/** The work of one attempt: whose it is and where it stands. */
export interface Work {
  readonly repository: Repository;
  readonly key: string;
  readonly branch: string;
  readonly base: Base;
  /** Sha that the attempt started from, or reviews. */
  readonly head: string;
  readonly attempt: number;
}

/** What an attempt came to, in the trusted mirror. */
export interface CommittedWork {
  readonly head: string;
  /** The tree differs from the one at `Work.head`. */
  readonly changed: boolean;
  /** Private ref that keeps it. */
  readonly ref: string;
}

/** The worktrees as running an agent needs them. */
export interface WorkArea {
  /** Path of the worktree; one that is there is left as it is, uncommitted work included. */
  ensureWorktree(work: Work, signal: AbortSignal): Promise<string>;
  /** Path of a fresh throwaway worktree at `head`. */
  ensureReviewWorktree(work: Work, signal: AbortSignal): Promise<string>;
  removeReviewWorktree(work: Work): Promise<void>;
  /** Commits what an agent left, committed or not, and keeps it; also of a worktree that the agent deleted. */
  commitWork(work: Work): Promise<CommittedWork>;
}
