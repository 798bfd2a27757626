import { mkdir, rename } from 'node:fs/promises';
import { treeOf } from '../git/commit.ts';
import { GitError, GitFailure } from '../failure/git-error.ts';
import type { WorktreePaths } from './record.ts';
import { clearLock } from './lock-file.ts';
import { hasFiles } from '../host/plain-file.ts';
import { stageFiles, workIndex, type Staged } from './staging.ts';
import type { RepositoryPair } from './pair.ts';

/** What an attempt left in its worktree; it is in the mirror now, but no ref names it yet. */
export interface Collected {
  /** The agent's newest commit. */
  readonly tip: string;
  readonly tipTree: string;
  /** Tree of its files, including what it did not commit. */
  readonly tree: string;
  /** Tree that our index of the worktree holds now; null: no index was made. */
  readonly indexed: string | null;
  /** Where the branch was: not at `tip` when the agent left the branch, or went back on it. */
  readonly branch: string | null;
  /** Sentences: what was left out, and why. */
  readonly notices: readonly string[];
}

/** Brings an attempt's commits and files into the mirror. `otherwise`: the commit to take where it left none that we can have. */
export async function collectWork(
  pair: RepositoryPair,
  paths: WorktreePaths,
  at: { branch: string; otherwise: string },
): Promise<Collected> {
  const stood = await pair.agents.headOf(paths);
  const branch = await pair.agents.tipOf(at.branch);
  const notices: string[] = [];
  const tip = await firstImported(pair, [stood, branch, at.otherwise], notices);
  const tipTree = await treeOf(pair.mirror, tip);
  const staged = (await hasFiles(paths.tree)) ? await stage(pair, paths, { sha: tip, tree: tipTree }) : null; // null: the agent deleted its worktree
  notices.push(...(staged?.omitted ?? []));
  const found = { tip, tipTree, tree: staged?.tree ?? tipTree, indexed: staged?.tree ?? null, branch, notices };
  if (found.tree !== tipTree || branch === null || branch === tip) return found;
  return (await pair.agents.contains(branch, tip)) ? goBack(pair, paths, { ...found, branch }) : found;
}

/** The agent went back to an older commit and changed nothing there: the work is on its branch. */
async function goBack(
  pair: RepositoryPair,
  paths: WorktreePaths,
  found: Collected & { branch: string },
): Promise<Collected> {
  const notices = [...found.notices];
  const tip = await firstImported(pair, [found.branch, found.tip], notices);
  const tree = { path: paths.tree, index: paths.index };
  const there = await hasFiles(paths.tree);
  const moved = there ? await pair.mirror.git.ask(['read-tree', '-m', '-u', found.tip, tip], { tree }) : null;
  if (moved && moved.exitCode !== 0) return found; // an ignored file of the agent lies in the way
  const tipTree = await treeOf(pair.mirror, tip);
  return { ...found, tip, tipTree, tree: tipTree, indexed: there ? tipTree : null, notices };
}

/** The first commit that the mirror has or can take over; the last one it always has. Adds a notice for each that it cannot. */
export async function firstImported(
  pair: RepositoryPair,
  shas: readonly (string | null)[],
  notices: string[],
): Promise<string> {
  const [last] = shas.slice(-1);
  for (const sha of shas.slice(0, -1)) {
    if (sha === null) continue;
    if (sha === last) return sha;
    try {
      await pair.mirror.importCommit(sha);
      return sha;
    } catch (error) {
      if (!(error instanceof GitFailure || error instanceof GitError)) throw error;
      notices.push(`a commit is left out, its files are not: ${error.message}`); // for example, because the agent pruned objects
    }
  }
  if (!last) throw new Error('no commit to fall back on');
  return last;
}

async function stage(pair: RepositoryPair, paths: WorktreePaths, at: { sha: string; tree: string }): Promise<Staged> {
  await mkdir(paths.record, { recursive: true, mode: 0o700 });
  const index = workIndex(paths);
  await clearLock(`${index}.lock`);
  const staged = await stageFiles(pair, paths, { ...at, index });
  await rename(index, paths.index);
  return staged;
}
