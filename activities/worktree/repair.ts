import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import pMap from 'p-map';
import type { RepositoryLayout } from '../../workflows/domain/host/layout.ts';
import { treeOf } from '../git/commit.ts';
import { firstImported } from './collect.ts';
import { issuePaths, readRecord, type WorktreePaths } from './record.ts';
import { clearLocks } from './lock-file.ts';
import { hasFiles, namesIn } from '../host/plain-file.ts';
import { inOrder } from '../host/in-order.ts';
import type { Repository } from '../repository/repository.ts';
import { stageFiles, workIndex } from './staging.ts';
import { sweepTrash, toTrash } from './trash.ts';
import { worktreesOf } from './worktree.ts';
import { discardWorktree } from './making.ts';
import { openPair, type RepositoryPair } from './pair.ts';
import { unlessExhausted } from '../host/exhaustion.ts';

/** A worktree on this host, and how it stands. */
export interface ListedWorktree {
  readonly key: string;
  readonly path: string;
  readonly branch: string;
  readonly head: string | null;
  /** Files differ from `head`. */
  readonly dirty: boolean;
  /** No ref of the mirror contains `head`: with the worktree, commits would be lost. */
  readonly ahead: boolean;
}

/** Lists the worktrees of issues, without running anything that an agent configured. */
export async function listWorktrees(repository: Repository): Promise<readonly ListedWorktree[]> {
  const pair = await openPair(repository);
  const keys = (await namesIn(repository.layout.leases)).filter((name) => !name.includes('.'));
  const listed: ListedWorktree[] = [];
  for (const key of keys.toSorted()) {
    const found = await inOrder(`worktree ${repository.layout.root} ${key}`, () => describe(pair, key));
    if (found) listed.push(found);
  }
  return listed;
}

async function describe(pair: RepositoryPair, key: string): Promise<ListedWorktree | null> {
  const paths = issuePaths(pair.repository.layout, key);
  const record = await readRecord(paths);
  if (!record || !(await hasFiles(paths.tree))) return null;
  const head = (await pair.agents.headOf(paths)) ?? (await pair.agents.tipOf(record.branch));
  const ahead = head === null || !(await isKept(pair, head));
  const dirty = record.ready && (await isDirty(pair, paths, head ?? record.start));
  return { key, path: paths.tree, branch: record.branch, head, dirty, ahead };
}

async function isKept(pair: RepositoryPair, sha: string): Promise<boolean> {
  const answer = await pair.mirror.git.ask(['for-each-ref', `--contains=${sha}`, '--count=1', 'refs/']);
  return answer.exitCode === 0 && answer.stdout !== '';
}

async function isDirty(pair: RepositoryPair, paths: WorktreePaths, head: string): Promise<boolean> {
  const notices: string[] = [];
  if ((await firstImported(pair, [head, (await readRecord(paths))?.start ?? head], notices)) !== head) return true;
  const tree = await treeOf(pair.mirror, head);
  return (await stageFiles(pair, paths, { sha: head, tree, index: workIndex(paths) })).tree !== tree;
}

/** What became of the worktrees that a killed worker left. */
export interface Repair {
  /** Keys of worktrees that are usable again, or always were. */
  readonly usable: readonly string[];
  readonly removed: readonly string[];
  /** Nobody works on these, but they hold work that no ref has: left for `cleanup` and a person. */
  readonly kept: readonly string[];
  /** A sentence for each that could not be mended: the next step in it meets the same error, and fails alone. */
  readonly broken: readonly string[];
}

/**
 * Mends what a killed worker left: once at a worker's start, after the agents were ended and before any other use.
 * `live`: keys of the issues whose worktree is still wanted.
 */
export async function repairWorktrees(repository: Repository, live: ReadonlySet<string>): Promise<Repair> {
  const { layout } = repository;
  await sweepTrash(layout);
  await Promise.all([clearLocks(layout.mirror), clearLocks(layout.agents)]);
  const pair = await openPair(repository);
  const worktrees = worktreesOf(pair);
  const repair = { usable: [] as string[], removed: [] as string[], kept: [] as string[], broken: [] as string[] };
  const mend = async (key: string) => {
    const paths = issuePaths(layout, key);
    const record = await readRecord(paths);
    if (record?.ready && live.has(key)) {
      // Its agent deleted it: the next step makes it again, since that knows the set-up commands.
      if (!(await hasFiles(paths.tree))) return;
      await worktrees.ensureWorktree({ key, branch: record.branch, start: record.start });
      repair.usable.push(key);
      return;
    }
    const found = record?.ready ? await describe(pair, key) : null;
    if (found?.dirty || found?.ahead) return void repair.kept.push(key);
    await pair.agents.write(() => discardWorktree(pair, paths));
    repair.removed.push(key);
  };
  await removeStrangers(layout);
  const mended = (key: string) =>
    mend(key).catch((error: unknown) => void repair.broken.push(`${key}: ${String(error)}`));
  await pMap(await namesIn(layout.leases), mended, { concurrency: availableParallelism() });
  return repair;
}

/** Removes trees and entries without a record: reviews (made anew each round), half-made ones, an agent's own. */
async function removeStrangers(layout: RepositoryLayout): Promise<void> {
  const recorded = new Set(await namesIn(layout.leases));
  const entries = join(layout.agents, 'worktrees');
  for (const folder of [layout.worktrees, entries]) {
    const names = await namesIn(folder).catch(unlessExhausted([])); // an agent closed it to us: whoever needs it next makes both anew
    const strangers = names.filter((name) => !recorded.has(name));
    for (const name of strangers) await toTrash(layout, join(folder, name));
  }
}
