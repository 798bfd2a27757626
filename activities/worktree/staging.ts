import { access, constants, lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { excludePattern } from './agents-repository.ts';
import type { Git } from '../git/git.ts';
import type { WorktreePaths } from './record.ts';
import { indexAt } from './making.ts';
import type { RepositoryPair } from './pair.ts';
import { unlessExhausted } from '../host/exhaustion.ts';

// Git runs in the mirror here and sees the worktree as mere files: the agent's configuration, hooks, filters and index
// take no part, and neither `assume-unchanged` nor `skip-worktree` can hide a change.

/** GitHub refuses a push with a larger file; a file that large is a build's output, or a dump. */
const FILE_BYTES = 100 * 1024 * 1024;

/** The files of a worktree as a tree in the mirror. */
export interface Staged {
  readonly tree: string;
  /** Sentences: what was left out, and why. */
  readonly omitted: readonly string[];
}

/** The commit and tree that files are compared with, and where to write the index of the result. */
export interface StagingPoint {
  readonly sha: string;
  readonly tree: string;
  readonly index: string;
}

/** Writes into the mirror what differs from `sha`: changes, deletions, and new files that are not ignored. */
export async function stageFiles(pair: RepositoryPair, paths: WorktreePaths, at: StagingPoint): Promise<Staged> {
  const { git } = pair.mirror;
  await indexAt(pair.mirror, paths, at);
  const options = { tree: { path: paths.tree, index: at.index } };
  const changes = await findChanges(git, options.tree, pair.repository.settings.worktree.copy);
  const found = await withoutSubmodules(git, options.tree, changes);
  const judged = await Promise.all(found.map(async (change) => ({ change, problem: await problemOf(paths, change) })));
  const taken = judged.filter(({ problem }) => problem === null).map(({ change }) => `${change.name}\0`);
  const input = Buffer.from(taken.join(''), 'latin1');
  const omitted = judged.flatMap(({ problem }) => problem ?? []);
  if (taken.length === 0) return { tree: at.tree, omitted };
  await git.run(['update-index', '-z', '--add', '--remove', '--replace', '--stdin'], { ...options, input });
  return { tree: await git.run(['write-tree'], options), omitted };
}

interface Change {
  /** One character a byte: names need not be UTF-8. */
  readonly name: string;
  readonly tracked: boolean;
}

/** By one process. What the agent committed itself is compared by content, so it counts as no change. */
async function findChanges(
  git: Git,
  tree: { path: string; index: string },
  copied: readonly string[],
): Promise<readonly Change[]> {
  const options = { tree, bytes: true };
  const excludes = copied.flatMap((path) => ['-x', excludePattern(path)]);
  const listing = await git.run(
    ['ls-files', '-z', '-t', '--modified', '--others', '--exclude-standard', ...excludes],
    options,
  );
  const changes = listing
    .split('\0')
    .filter((entry) => entry !== '')
    .map((entry) => ({ name: entry.slice(2), tracked: !entry.startsWith('? ') }));
  // Where a file became a folder, the file must leave the index before the folder's files come.
  return [...changes.filter(({ tracked }) => tracked), ...changes.filter(({ tracked }) => !tracked)];
}

/** Why a change cannot be committed; null: it can. A tracked file that is gone, or is a folder now, leaves the index. */
async function problemOf(paths: WorktreePaths, change: Change): Promise<string | null> {
  const shown = Buffer.from(change.name, 'latin1').toString('utf8');
  const path = pathOf(paths.tree, change);
  if (change.name.endsWith('/')) return `${shown} is left out: it is a git repository of its own`;
  const facts = await lstat(path).catch(unlessExhausted(null));
  if (!facts || facts.isSymbolicLink()) return null;
  if (facts.isDirectory()) return change.tracked ? null : `${shown} is left out: it is a folder now`;
  if (!facts.isFile()) return `${shown} is left out: it is not a file`;
  if (facts.size > FILE_BYTES) return `${shown} is left out: ${facts.size} bytes, and 100 MB is what forges take`;
  return access(path, constants.R_OK).then(
    () => null,
    () => `${shown} is left out: it cannot be read`,
  );
}

/** An attempt never changes a submodule's commit, but git lists it as changed, like a file that became a folder. */
async function withoutSubmodules(
  git: Git,
  tree: { path: string; index: string },
  changes: readonly Change[],
): Promise<readonly Change[]> {
  const tracked = changes.filter((change) => change.tracked);
  const folders = await Promise.all(tracked.map((change) => isFolder(pathOf(tree.path, change))));
  if (!folders.includes(true)) return changes;
  const options = { tree, bytes: true };
  const listing = await git.run(['ls-files', '-z', '--stage'], options);
  const submodules = new Set([...listing.matchAll(/(?:^|\0)160000 [0-9a-f]+ \d\t([^\0]+)/g)].map(([, name]) => name));
  return changes.filter((change) => !submodules.has(change.name));
}

async function isFolder(path: Buffer): Promise<boolean> {
  const facts = await lstat(path).catch(unlessExhausted(null));
  return facts?.isDirectory() ?? false;
}

function pathOf(root: string, change: Change): Buffer {
  return Buffer.concat([Buffer.from(`${root}/`), Buffer.from(change.name, 'latin1')]);
}

/** Where an index is built before it takes the place of the last one. */
export function workIndex(paths: WorktreePaths): string {
  return join(paths.record, 'index.next');
}
