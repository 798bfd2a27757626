import type { Logger } from 'pino';
import type { RemoveInput } from '../workflows/domain/forge/delivery.ts';
import type { CleanedUp, CleanupInput, CleanupItem } from '../workflows/domain/host/cleanup.ts';
import { endBelow } from './process/leftovers.ts';
import type { Repositories, Repository } from './repository/repository.ts';
import { openWorktrees } from './worktree/worktree.ts';
import { listWorktrees } from './worktree/repair.ts';

/** What cleaning up needs from the worker. */
export interface CleanupDeps {
  readonly repositories: Repositories;
  readonly log: Pick<Logger, 'warn'>;
  /** Those of the keys whose issue still has an open workflow. */
  readonly openIssues: (repo: string, keys: readonly string[]) => Promise<readonly string[]>;
}

/** Activities that remove worktrees: one at the end of its issue, or, when a person asks, all whose issues are over. */
export function createCleanupActivities(deps: CleanupDeps) {
  return {
    async removeWorktree(input: RemoveInput): Promise<void> {
      if (input.keepWorktree) return;
      const repository = await deps.repositories.open(input.issue);
      const { key } = input.issue;
      await endBelow(repository.layout.worktree(key));
      await (await openWorktrees(repository)).removeWorktree(key);
    },

    async cleanUp(input: CleanupInput): Promise<CleanedUp> {
      const items: CleanupItem[] = [];
      const { known, unknown } = await deps.repositories.all();
      for (const { repo, root, problem } of unknown) {
        deps.log.warn({ repository: repo, problem }, 'a repository is left out');
        items.push({ path: root, action: 'kept', reason: problem });
      }
      for (const repository of known) items.push(...(await cleanRepository(deps, repository, input)));
      return { version: 1, items };
    },
  };
}

async function cleanRepository(
  deps: CleanupDeps,
  repository: Repository,
  input: CleanupInput,
): Promise<readonly CleanupItem[]> {
  const listed = await listWorktrees(repository);
  const keys = listed.map((each) => each.key);
  const open = new Set(await deps.openIssues(repository.key, keys));
  const worktrees = await openWorktrees(repository);
  const items: CleanupItem[] = [];
  for (const { key, path, branch, dirty, ahead } of listed) {
    if (open.has(key)) items.push({ path, action: 'kept', reason: `issue ${key} is under way on ${branch}` });
    else if (dirty || ahead) {
      const what = dirty ? 'changes that are not committed' : 'commits that are on no ref';
      const mend = `look at it, then: git -C ${path} push <somewhere> HEAD, or rm -r ${path}`;
      items.push({ path, action: 'refused', reason: `it holds ${what}; ${mend}` });
    } else if (input.dryRun) items.push({ path, action: 'would-remove', reason: `issue ${key} is over` });
    else {
      await worktrees.removeWorktree(key);
      items.push({ path, action: 'removed', reason: `issue ${key} is over` });
    }
  }
  return items;
}
