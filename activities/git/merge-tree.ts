import { GitError } from '../failure/git-error.ts';
import type { Git } from './git.ts';
import { checked } from './names.ts';

/** What two commits come to: the tree that holds both, or the files in which they conflict. */
export type TreeMerge =
  | { readonly kind: 'merged'; readonly tree: string }
  | { readonly kind: 'conflict'; readonly files: readonly string[] };

/**
 * Merges two commits that are here, without a worktree and without a merge driver: no bare repository of ours configures
 * one. Needs git 2.38. @throws GitError where git says neither.
 */
export async function mergeTree(git: Git, ours: string, theirs: string): Promise<TreeMerge> {
  const flags = ['--write-tree', '--name-only', '--no-messages', '-z'];
  const args = ['merge-tree', ...flags, checked('sha', ours), checked('sha', theirs)];
  const answer = await git.ask(args);
  const [tree = '', ...files] = answer.stdout.split('\0').filter((each) => each !== '');
  if (answer.exitCode === 0) return { kind: 'merged', tree };
  if (answer.exitCode !== 1) throw new GitError(args, git.dir, answer); // an error is not a clean merge
  return { kind: 'conflict', files: [...new Set(files)] };
}
