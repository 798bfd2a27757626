import { GitFailure } from '../failure/git-error.ts';
import type { Repository } from '../repository/repository.ts';
import { mergeTree } from './merge-tree.ts';
import { openMirror } from './mirror.ts';

/** A head and the branch that it is to land on. */
export interface Proposed {
  readonly base: string;
  readonly head: string;
}

/** Files in which a head conflicts with the newest base; empty: it merges cleanly. Exact at once, unlike a forge's answer. */
export async function mergeConflicts(repository: Repository, { base, head }: Proposed): Promise<readonly string[]> {
  const mirror = await openMirror(repository);
  const merged = await mergeTree(mirror.git, await mirror.fetchBase(base), head);
  return merged.kind === 'conflict' ? merged.files : [];
}

/** Paths that a head changed since it left the newest base, including those it removed or renamed. */
export async function changedFiles(repository: Repository, { base, head }: Proposed): Promise<readonly string[]> {
  const mirror = await openMirror(repository);
  const start = await mirror.mergeBase(await mirror.fetchBase(base), head);
  if (start === null) throw new GitFailure('work-refused', `${head} has no history in common with ${base}`);
  const args = ['diff', '--name-only', '-z', '--no-renames', '--no-ext-diff', '--end-of-options', start, head];
  return (await mirror.git.run(args)).split('\0').filter((path) => path !== '');
}
