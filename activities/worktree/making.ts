import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeRecord, type WorktreeRecord, type WorktreePaths } from './record.ts';
import type { Mirror } from '../git/mirror.ts';
import { onCore } from '../host/in-order.ts';
import type { RepositoryPair } from './pair.ts';
import { deleteSoon, stageFolder, toTrash } from './trash.ts';
import { buildEntry, gitFile, publishEntry, writeGitFile } from './entry.ts';
import { unlessExhausted } from '../host/exhaustion.ts';

/** Makes a worktree at `sha` aside and puts it in place by renames; what was there goes. `record: null`: detached. */
export async function makeWorktree(
  pair: RepositoryPair,
  paths: WorktreePaths,
  at: { sha: string; record: WorktreeRecord | null },
): Promise<void> {
  const { layout } = pair.repository;
  const stage = await stageFolder(layout);
  const [tree, entry, record] = [join(stage, 'tree'), join(stage, 'entry'), join(stage, 'record')];
  try {
    await Promise.all([mkdir(tree), mkdir(record), mkdir(layout.worktrees, { recursive: true })]);
    await buildEntry(entry, paths, at.record ? `ref: refs/heads/${at.record.branch}` : at.sha);
    await checkOut(pair.mirror, { sha: at.sha, path: tree, index: join(entry, 'index') });
    await writeFile(join(tree, '.git'), gitFile(paths));
    if (at.record) {
      await copyFile(join(entry, 'index'), join(record, 'index'));
      await writeRecord(record, at.record);
      await mkdir(layout.leases, { recursive: true, mode: 0o700 });
    }
    await pair.agents.write(async () => {
      // The old tree goes before the new record comes: a kill in between must not join the one with the other.
      await discardWorktree(pair, paths);
      if (at.record) {
        await pair.agents.setBranch(at.record.branch, at.sha);
        await rename(record, paths.record);
      }
      await rename(tree, paths.tree);
      await publishEntry(layout, paths, entry);
    });
  } finally {
    deleteSoon(stage);
  }
}

/** Where the tree that gets a new entry stands. */
export interface Renewal {
  readonly branch: string;
  readonly sha: string;
  /** Our index already has the files of `sha`: it need not be made again. */
  readonly staged: boolean;
}

/** Gives a tree a new entry on its branch at `sha` and leaves its files alone; this also ends a half-done merge or rebase. */
export async function renewEntry(pair: RepositoryPair, paths: WorktreePaths, at: Renewal): Promise<void> {
  const { layout } = pair.repository;
  const stage = await stageFolder(layout);
  const entry = join(stage, 'entry');
  try {
    await buildEntry(entry, paths, `ref: refs/heads/${at.branch}`);
    const index = join(entry, 'index');
    if (at.staged) await copyFile(paths.index, index);
    else await indexAt(pair.mirror, paths, { sha: at.sha, index });
    await pair.agents.write(async () => {
      await pair.agents.setBranch(at.branch, at.sha);
      await writeGitFile(layout, paths);
      await publishEntry(layout, paths, entry);
    });
  } finally {
    deleteSoon(stage);
  }
}

/** Throws away a worktree's tree, entry and record, found by our own names for them; call it inside `write`. */
export async function discardWorktree(pair: RepositoryPair, paths: WorktreePaths): Promise<void> {
  const { layout } = pair.repository;
  for (const path of [paths.record, paths.admin, paths.tree]) await toTrash(layout, path);
}

/** Makes an index for `sha` from our last one and its stat data, so that only files that changed since are read again. */
export async function indexAt(mirror: Mirror, paths: WorktreePaths, to: { sha: string; index: string }): Promise<void> {
  const tree = { path: paths.tree, index: to.index };
  const reset = () => mirror.git.ask(['read-tree', '--reset', to.sha], { tree });
  await copyFile(paths.index, to.index).catch(unlessExhausted(undefined));
  if ((await reset()).exitCode === 0) return;
  await rm(to.index, { force: true }); // a power failure cut ours short: every file is read once
  await mirror.git.run(['read-tree', '--reset', to.sha], { tree });
}

/** Checks out from the mirror, so that no filter, hook or configuration that an agent planted takes part. */
async function checkOut(mirror: Mirror, to: { sha: string; path: string; index: string }): Promise<void> {
  const allCores = ['-c', 'checkout.workers=0', '-c', 'checkout.thresholdForParallelism=100'];
  await onCore((alone) => {
    const args = [...(alone ? allCores : []), 'read-tree', '-m', '-u', to.sha];
    return mirror.git.run(args, { tree: { path: to.path, index: to.index }, timeoutMs: 600_000 });
  });
}
