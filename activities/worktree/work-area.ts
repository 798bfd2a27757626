import type { Logger } from 'pino';
import type { AttemptInput } from '../../workflows/domain/attempt.ts';
import type { Mirror } from '../git/mirror.ts';
import type { Repository } from '../repository/repository.ts';
import { commitWork, type CommittedWork } from './commit-work.ts';
import { openPair } from './pair.ts';
import { runSetup } from './setup.ts';
import { worktreesOf } from './worktree.ts';

/** The part of an attempt's input that says where the issue's work stands. */
export type WorkPlace = Pick<AttemptInput, 'issue' | 'branch' | 'head'>;

/** Worktrees as the steps of an issue need them: set up by the repository's own commands, with each notice in the log. */
export interface WorkArea {
  readonly mirror: Mirror;
  /** Makes the issue's worktree and returns its path; one that exists is left as it is, with its uncommitted work. */
  ensureWorktree(work: WorkPlace, signal: AbortSignal): Promise<string>;
  /** Makes a fresh throwaway worktree at `head` and returns its path. */
  ensureReviewWorktree(work: WorkPlace): Promise<string>;
  removeReviewWorktree(key: string): Promise<void>;
  removeWorktree(key: string): Promise<void>;
  /** Commits and keeps what an agent left, whether it had committed it or not, even if it deleted its worktree. */
  commitWork(work: WorkPlace & Pick<AttemptInput, 'base' | 'attempt'>): Promise<CommittedWork>;
}

/** Opens the work area of a repository for one step; its two bare repositories are looked at once, and mended first. */
export async function openWorkArea(repository: Repository, log: Pick<Logger, 'warn'>): Promise<WorkArea> {
  const pair = await openPair(repository);
  const worktrees = worktreesOf(pair);
  const tell = (issue: string, notices: readonly string[]): void => {
    for (const notice of notices) log.warn({ issue, notice }, 'a worktree differs from what was asked for');
  };
  return {
    mirror: pair.mirror,
    async ensureWorktree({ issue: { key }, branch, head }, signal) {
      const { setup } = repository.settings.worktree;
      const setUp = (worktree: string) => runSetup({ commands: setup, worktree, signal });
      const made = await worktrees.ensureWorktree({ key, branch, start: head, setUp });
      tell(key, made.notices);
      return made.path;
    },
    async ensureReviewWorktree({ issue: { key }, head }) {
      return (await worktrees.ensureReviewWorktree({ key, sha: head })).path;
    },
    removeReviewWorktree: (key) => worktrees.removeReviewWorktree(key),
    removeWorktree: (key) => worktrees.removeWorktree(key),
    async commitWork({ issue: { key }, attempt, branch, base, head }) {
      const message = `Work on ${key}, attempt ${attempt}`;
      const { notices, ...work } = await commitWork(pair, { key, attempt, branch, start: base.start, head, message });
      tell(key, notices);
      return work;
    },
  };
}
