import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { createGit, type Git } from '../../activities/git.ts';

/** A real bare repository with one commit on `main`, for tests that push and merge by plumbing. */
export interface BareRemote {
  readonly dir: string;
  readonly git: Git;
  /** A commit with that message on top of a branch (or of `main`, which makes the branch). */
  commit(branch: string, message: string): Promise<string>;
  /** Merges a branch into `main` as a person would elsewhere; the new tip. */
  merge(branch: string): Promise<string>;
  /** The same with a sha. */
  mergeSha(sha: string): Promise<string>;
  /** Makes a branch be at a sha, whatever it was. */
  point(branch: string, sha: string): Promise<void>;
  tip(branch: string): Promise<string>;
  dispose(): Promise<void>;
}

export async function createBareRemote(): Promise<BareRemote> {
  const dir = await mkdtemp(join(tmpdir(), 'millrace-remote-'));
  await execa('git', ['init', '--quiet', '--bare', '--initial-branch=main', '--', dir]);
  const git = createGit(dir);
  const tree = await git.run(['hash-object', '-t', 'tree', '-w', '--stdin']);
  const commitTree = (message: string, parents: readonly string[]) =>
    git.run(['commit-tree', '-m', message, ...parents.flatMap((parent) => ['-p', parent]), tree]);
  const tip = (branch: string) => git.run(['rev-parse', '--verify', '--end-of-options', `refs/heads/${branch}`]);
  await git.run(['update-ref', 'refs/heads/main', await commitTree('start', [])]);
  const mergeSha = async (head: string) => {
    const sha = await commitTree(`merge ${head}`, [await tip('main'), head]);
    await git.run(['update-ref', 'refs/heads/main', sha]);
    return sha;
  };
  return {
    dir,
    git,
    tip,
    async commit(branch, message) {
      const parent = await tip(branch).catch(() => tip('main'));
      const sha = await commitTree(message, [parent]);
      await git.run(['update-ref', `refs/heads/${branch}`, sha]);
      return sha;
    },
    point: async (branch, sha) => void (await git.run(['update-ref', `refs/heads/${branch}`, sha])),
    merge: async (branch) => mergeSha(await tip(branch)),
    mergeSha,
    dispose: () => rm(dir, { recursive: true, force: true }),
  };
}
