import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { RepositoryLayout } from '../../workflows/domain/host/layout.ts';
import { treeOf } from '../git/commit.ts';
import { firstImported } from './collect.ts';
import { issuePlace, readLease, type Place } from './record.ts';
import { clearLocks } from './lock-file.ts';
import { inParallel } from '../host/in-parallel.ts';
import { hasFiles, namesIn } from '../host/plain-file.ts';
import { inOrder } from '../host/in-order.ts';
import type { Repository } from '../repository/repository.ts';
import { stageFiles, workIndex } from './staging.ts';
import { sweepTrash, toTrash } from './trash.ts';
import { openTools, openWorktrees } from './worktree.ts';
import { discardWorktree, type Tools } from './making.ts';

/** A worktree that lies on this host. */
export interface ListedWorktree {
  readonly key: string;
  readonly path: string;
  readonly branch: string;
  readonly head: string | null;
  /** Files differ from `head`. */
  readonly dirty: boolean;
  /** `head` is on no ref of the mirror: removing the worktree would lose commits. */
  readonly ahead: boolean;
}

/** All worktrees of issues, each judged without running anything that an agent configured. */
export async function listWorktrees(repository: Repository): Promise<readonly ListedWorktree[]> {
  const tools = await openTools(repository);
  const keys = (await namesIn(repository.layout.leases)).filter((name) => !name.includes('.'));
  const listed: ListedWorktree[] = [];
  for (const key of keys.toSorted()) {
    const found = await inOrder(`worktree ${repository.layout.root} ${key}`, () => judge(tools, key));
    if (found) listed.push(found);
  }
  return listed;
}

async function judge(tools: Tools, key: string): Promise<ListedWorktree | null> {
  const place = issuePlace(tools.repository.layout, key);
  const lease = await readLease(place);
  if (!lease || !(await hasFiles(place.tree))) return null;
  const head = (await tools.agents.headOf(place)) ?? (await tools.agents.tipOf(lease.branch));
  const ahead = head === null || !(await isKept(tools, head));
  const dirty = lease.ready && (await isDirty(tools, place, head ?? lease.start));
  return { key, path: place.tree, branch: lease.branch, head, dirty, ahead };
}

async function isKept(tools: Tools, sha: string): Promise<boolean> {
  const answer = await tools.mirror.git.ask(['for-each-ref', `--contains=${sha}`, '--count=1', 'refs/']);
  return answer.exitCode === 0 && answer.stdout !== '';
}

async function isDirty(tools: Tools, place: Place, head: string): Promise<boolean> {
  const notices: string[] = [];
  if ((await firstImported(tools, [head, (await readLease(place))?.start ?? head], notices)) !== head) return true;
  const tree = await treeOf(tools.mirror, head);
  return (await stageFiles(tools, place, { sha: head, tree, index: workIndex(place) })).tree !== tree;
}

export interface Repair {
  /** Keys of worktrees that are usable again, or were all the time. */
  readonly usable: readonly string[];
  readonly removed: readonly string[];
  /** Nobody works on them, but they hold work that is on no ref: for `cleanup` and a person. */
  readonly kept: readonly string[];
  /** Sentences: what could not be mended. The next step there meets it again and fails by itself, alone. */
  readonly broken: readonly string[];
}

/**
 * Mends what a killed worker left; once at its start, before any other use of the repository, when no agent of it lives.
 * `live`: keys of the issues whose worktree is still wanted.
 */
export async function repairWorktrees(repository: Repository, live: ReadonlySet<string>): Promise<Repair> {
  const { layout } = repository;
  await sweepTrash(layout);
  await Promise.all([clearLocks(layout.mirror), clearLocks(layout.agents)]);
  const tools = await openTools(repository);
  const worktrees = await openWorktrees(repository);
  const repair = { usable: [] as string[], removed: [] as string[], kept: [] as string[], broken: [] as string[] };
  const mend = async (key: string) => {
    const place = issuePlace(layout, key);
    const lease = await readLease(place);
    if (lease?.ready && live.has(key)) {
      // One that its agent deleted is made by its next step, which knows the set-up commands.
      if (!(await hasFiles(place.tree))) return;
      await worktrees.ensureWorktree({ key, branch: lease.branch, start: lease.start });
      repair.usable.push(key);
      return;
    }
    const found = lease?.ready ? await judge(tools, key) : null;
    if (found?.dirty || found?.ahead) return void repair.kept.push(key);
    await tools.agents.write(() => discardWorktree(tools, place));
    repair.removed.push(key);
  };
  await removeStrangers(layout);
  await inParallel(await namesIn(layout.leases), availableParallelism(), (key) =>
    mend(key).catch((error: unknown) => void repair.broken.push(`${key}: ${String(error)}`)),
  );
  return repair;
}

/** Trees and entries that no lease names: reviews (made anew for each round), half-made ones, an agent's own. */
async function removeStrangers(layout: RepositoryLayout): Promise<void> {
  const leased = new Set(await namesIn(layout.leases));
  const entries = join(layout.agents, 'worktrees');
  for (const folder of [layout.worktrees, entries]) {
    const names = await namesIn(folder).catch(() => []); // closed by an agent: its next owner makes both anew
    const strangers = names.filter((name) => !leased.has(name));
    for (const name of strangers) await toTrash(layout, join(folder, name));
  }
}
