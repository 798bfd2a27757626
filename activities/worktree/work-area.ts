import type { Logger } from 'pino';
import type { Base } from '../../workflows/domain/attempt.ts';
import type { Repository } from '../repository/repository.ts';
import { runSetup } from './setup.ts';
import { commitWork } from './commit-work.ts';
import { openWorktrees } from './worktree.ts';

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
  /** Path of the issue's worktree; one that is there is left as it is, uncommitted work included. */
  ensureWorktree(work: Pick<Work, 'repository' | 'key' | 'branch' | 'head'>, signal: AbortSignal): Promise<string>;
  /** Path of a fresh throwaway worktree at `head`. */
  ensureReviewWorktree(work: Work): Promise<string>;
  removeReviewWorktree(work: Work): Promise<void>;
  /** Commits what an agent left, committed or not, and keeps it; also of a worktree that the agent deleted. */
  commitWork(work: Work): Promise<CommittedWork>;
}

/** The work area over real worktrees; what is left out of them or of the work is told in the log. */
export function createWorkArea(log: Pick<Logger, 'warn'>): WorkArea {
  const tell = (issue: string, notices: readonly string[]): void => {
    for (const notice of notices) log.warn({ issue, notice }, 'a worktree differs from what was asked for');
  };
  return {
    async ensureWorktree({ repository, key, branch, head }, signal) {
      const worktrees = await openWorktrees(repository);
      const { setup } = repository.settings.worktree;
      const made = await worktrees.ensureWorktree({
        key,
        branch,
        start: head,
        setUp: (worktree) => runSetup({ commands: setup, worktree, signal }),
      });
      tell(key, made.notices);
      return made.path;
    },
    async ensureReviewWorktree({ repository, key, head }) {
      const worktrees = await openWorktrees(repository);
      return (await worktrees.ensureReviewWorktree({ key, sha: head })).path;
    },
    async removeReviewWorktree({ repository, key }) {
      await (await openWorktrees(repository)).removeReviewWorktree(key);
    },
    async commitWork({ repository, key, attempt, branch, base, head }) {
      const message = `Work on ${key}, attempt ${attempt}`;
      const work = await commitWork(repository, { key, attempt, branch, start: base.start, head, message });
      tell(key, work.notices);
      return { head: work.head, changed: work.changed, ref: work.ref };
    },
  };
}
