import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentsRepository } from './agents-repository.ts';
import { writeLease, type Lease, type Place } from './record.ts';
import type { Mirror } from '../git/mirror.ts';
import { onCore } from '../host/in-order.ts';
import type { Repository } from '../repository/repository.ts';
import { deleteSoon, stageFolder, toTrash } from './trash.ts';
import { buildEntry, gitFile, publishEntry, writeGitFile } from './entry.ts';

/** What making a worktree needs. */
export interface Tools {
  readonly repository: Repository;
  readonly mirror: Mirror;
  readonly agents: AgentsRepository;
}

/** Makes a worktree at `sha` aside and shows it by renames; what was there before goes. `lease: null`: detached. */
export async function makeWorktree(
  tools: Tools,
  place: Place,
  at: { sha: string; lease: Lease | null },
): Promise<void> {
  const { layout } = tools.repository;
  const stage = await stageFolder(layout);
  const [tree, entry, lease] = [join(stage, 'tree'), join(stage, 'entry'), join(stage, 'lease')];
  try {
    await Promise.all([mkdir(tree), mkdir(lease), mkdir(layout.worktrees, { recursive: true })]);
    await buildEntry(entry, place, at.lease ? `ref: refs/heads/${at.lease.branch}` : at.sha);
    await checkOut(tools.mirror, { sha: at.sha, path: tree, index: join(entry, 'index') });
    await writeFile(join(tree, '.git'), gitFile(place));
    if (at.lease) {
      await copyFile(join(entry, 'index'), join(lease, 'index'));
      await writeLease(lease, at.lease);
      await mkdir(layout.leases, { recursive: true, mode: 0o700 });
    }
    await tools.agents.write(async () => {
      // The old tree goes before the new lease comes: a kill in between must not marry the two.
      await discardWorktree(tools, place);
      if (at.lease) {
        await tools.agents.setBranch(at.lease.branch, at.sha);
        await rename(lease, place.lease);
      }
      await rename(tree, place.tree);
      await publishEntry(layout, place, entry);
    });
  } finally {
    deleteSoon(stage);
  }
}

/** Where a tree stands that gets a new entry. */
export interface Renewal {
  readonly branch: string;
  readonly sha: string;
  /** Our index was just brought to the files of `sha`: it need not be made again. */
  readonly staged: boolean;
}

/** Gives a tree a new entry on its branch at `sha`, its files untouched; also the way out of a half-done merge or rebase. */
export async function renewEntry(tools: Tools, place: Place, at: Renewal): Promise<void> {
  const { layout } = tools.repository;
  const stage = await stageFolder(layout);
  const entry = join(stage, 'entry');
  try {
    await buildEntry(entry, place, `ref: refs/heads/${at.branch}`);
    const index = join(entry, 'index');
    if (at.staged) await copyFile(place.index, index);
    else await indexAt(tools.mirror, place, { sha: at.sha, index });
    await tools.agents.write(async () => {
      await tools.agents.setBranch(at.branch, at.sha);
      await writeGitFile(layout, place);
      await publishEntry(layout, place, entry);
    });
  } finally {
    deleteSoon(stage);
  }
}

/** Throws away tree, entry and lease of a place, named by us alone; inside `write`. */
export async function discardWorktree(tools: Tools, place: Place): Promise<void> {
  const { layout } = tools.repository;
  for (const path of [place.lease, place.admin, place.tree]) await toTrash(layout, path);
}

/** An index for `sha` with the stat data of our own last one, so that only what changed since is read again. */
export async function indexAt(mirror: Mirror, place: Place, to: { sha: string; index: string }): Promise<void> {
  const tree = { path: place.tree, index: to.index };
  const reset = () => mirror.git.ask(['read-tree', '--reset', to.sha], { tree });
  await copyFile(place.index, to.index).catch(() => undefined);
  if ((await reset()).exitCode === 0) return;
  await rm(to.index, { force: true }); // ours was cut by a power failure: every file is read once
  await mirror.git.run(['read-tree', '--reset', to.sha], { tree });
}

/** From the mirror: no filter, hook or configuration that an agent could have planted takes part. */
async function checkOut(mirror: Mirror, to: { sha: string; path: string; index: string }): Promise<void> {
  const allCores = ['-c', 'checkout.workers=0', '-c', 'checkout.thresholdForParallelism=100'];
  await onCore((alone) => {
    const args = [...(alone ? allCores : []), 'read-tree', '-m', '-u', to.sha];
    return mirror.git.run(args, { tree: { path: to.path, index: to.index }, timeoutMs: 600_000 });
  });
}
