import { GitFailure } from '../failure/git-error.ts';
import { mergeTree } from './merge-tree.ts';
import type { Mirror } from './mirror.ts';

/** What the work of several issues comes to, on which another one builds. */
export type DependencyMerge =
  | { readonly kind: 'merged'; readonly sha: string }
  /** `sha` does not merge with those before it. */
  | { readonly kind: 'conflict'; readonly sha: string; readonly files: readonly string[] };

/** One commit that contains all of these, merged in their order; the same answer each time. At least one. */
export async function mergeDependencies(mirror: Mirror, shas: readonly string[]): Promise<DependencyMerge> {
  let [sum = ''] = shas;
  for (const sha of shas) {
    // Work of another host is on the remote.
    if (!(await mirror.fetchCommit(sha)))
      throw new GitFailure('work-refused', `${sha}, which this work builds on, is neither here nor on the remote`);
  }
  for (const sha of shas.slice(1)) {
    if (await mirror.isAncestor(sha, sum)) continue;
    if (await mirror.isAncestor(sum, sha)) {
      sum = sha;
      continue;
    }
    const merged = await mergeTree(mirror.git, sum, sha);
    if (merged.kind === 'conflict') return { ...merged, sha };
    sum = await datedCommit(mirror, { tree: merged.tree, parents: [sum, sha] });
  }
  await mirror.keep(sum);
  return { kind: 'merged', sha: sum };
}

/** Dated like its newest parent, so that a repeated call makes the same sha. */
async function datedCommit(mirror: Mirror, commit: { tree: string; parents: readonly string[] }): Promise<string> {
  const dates = await mirror.git.run(['show', '-s', '--format=%ct', ...commit.parents]);
  const date = `${Math.max(...dates.split('\n').map(Number))} +0000`;
  const flags = commit.parents.flatMap((parent) => ['-p', parent]);
  const message = `Merge the work of ${commit.parents.length} dependencies\n`;
  const env = { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
  return mirror.git.run(['commit-tree', ...flags, '-F', '-', commit.tree], { input: message, env });
}
