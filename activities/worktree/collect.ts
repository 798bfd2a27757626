import { mkdir, rename } from 'node:fs/promises';
import { treeOf } from '../git/commit.ts';
import { GitError, GitFailure } from '../failure/git-error.ts';
import type { WorktreePaths } from './record.ts';
import { clearLock } from './lock-file.ts';
import { hasFiles } from '../host/plain-file.ts';
import { stageFiles, workIndex, type Staged } from './staging.ts';
import type { RepositoryPair } from './pair.ts';

/** What an attempt left in its worktree, in the mirror but under no ref yet. */
export interface Collected {
  /** The agent's newest commit. */
  readonly tip: string;
  readonly tipTree: string;
  /** Its files, with what it did not commit. */
  readonly tree: string;
  /** Tree that our index of the worktree holds now; null: it was not made. */
  readonly indexed: string | null;
  /** Where the branch was; another than `tip` when the agent left it, or went back. */
  readonly branch: string | null;
  /** Sentences: what was left out, and why. */
  readonly notices: readonly string[];
}

/** Brings commits and files of an attempt into the mirror; `otherwise`: the commit if it has none that can be had. */
export async function collect(
  pair: RepositoryPair,
  paths: WorktreePaths,
  at: { branch: string; otherwise: string },
): Promise<Collected> {
  const stood = await pair.agents.headOf(paths);
  const branch = await pair.agents.tipOf(at.branch);
  const notices: string[] = [];
  const tip = await firstImported(pair, [stood, branch, at.otherwise], notices);
  const tipTree = await treeOf(pair.mirror, tip);
  const staged = (await hasFiles(paths.tree)) ? await stage(pair, paths, { sha: tip, tree: tipTree }) : null; // null: it deleted its worktree
  notices.push(...(staged?.omitted ?? []));
  const found = { tip, tipTree, tree: staged?.tree ?? tipTree, indexed: staged?.tree ?? null, branch, notices };
  if (found.tree !== tipTree || branch === null || branch === tip) return found;
  return (await pair.agents.contains(branch, tip)) ? goBack(pair, paths, { ...found, branch }) : found;
}

/** The agent looked at an older commit and stayed there, with nothing of its own: its branch has the work. */
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
  if (moved && moved.exitCode !== 0) return found; // an ignored file of the agent's lies in the way
  const tipTree = await treeOf(pair.mirror, tip);
  return { ...found, tip, tipTree, tree: tipTree, indexed: there ? tipTree : null, notices };
}

/** The first commit that the mirror has or takes over; the last one always is. A notice for each that it does not. */
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
      notices.push(`a commit is left out, its files are not: ${error.message}`); // say, objects that the agent pruned
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
