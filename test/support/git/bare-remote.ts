import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { createGit, type Git } from '../../../activities/git/git.ts';

/** A real bare repository with one commit on `main`, for tests that push and merge by plumbing. */
export interface BareRemote {
  readonly dir: string;
  readonly git: Git;
  /** A commit with that message on top of a branch (or of `main`, which makes the branch); `files`: texts by name. */
  commit(branch: string, message: string, files?: Readonly<Record<string, string>>): Promise<string>;
  /** Lets a branch name that commit. */
  point(branch: string, sha: string): Promise<void>;
  /** Merges a branch into `main` as a person would elsewhere; the new tip. @throws GitError on conflict. */
  merge(branch: string): Promise<string>;
  /** The same with a sha. */
  mergeSha(sha: string): Promise<string>;
  tip(branch: string): Promise<string>;
  dispose(): Promise<void>;
}

export async function createBareRemote(): Promise<BareRemote> {
  const dir = await mkdtemp(join(tmpdir(), 'millrace-remote-'));
  await execa('git', ['init', '--quiet', '--bare', '--initial-branch=main', '--', dir]);
  const git = createGit(dir);
  const commitTree = (tree: string, message: string, parents: readonly string[]) =>
    git.run(['commit-tree', '-m', message, ...parents.flatMap((parent) => ['-p', parent]), tree]);
  const tip = (branch: string) => git.run(['rev-parse', '--verify', '--end-of-options', `refs/heads/${branch}`]);
  const point = async (branch: string, sha: string) => {
    await git.run(['update-ref', `refs/heads/${branch}`, sha]);
  };
  await point('main', await commitTree(await git.run(['mktree'], { input: '' }), 'start', []));
  const mergeSha = async (head: string) => {
    const base = await tip('main');
    const sha = await commitTree(await git.run(['merge-tree', '--write-tree', base, head]), `merge ${head}`, [
      base,
      head,
    ]);
    await point('main', sha);
    return sha;
  };
  const treeWith = async (parent: string, files: Readonly<Record<string, string>>) => {
    const old = await git.run(['ls-tree', parent]);
    const kept = old.split('\n').filter((line) => line !== '' && !(line.slice(line.indexOf('\t') + 1) in files));
    const blobs = await Promise.all(
      Object.entries(files).map(async ([name, text]) => {
        const blob = await git.run(['hash-object', '-w', '--stdin'], { input: text });
        return `100644 blob ${blob}\t${name}`;
      }),
    );
    return git.run(['mktree'], { input: [...kept, ...blobs].map((line) => `${line}\n`).join('') });
  };
  return {
    dir,
    git,
    tip,
    point,
    async commit(branch, message, files = {}) {
      const parent = await tip(branch).catch(() => tip('main'));
      const sha = await commitTree(await treeWith(parent, files), message, [parent]);
      await point(branch, sha);
      return sha;
    },
    merge: async (branch) => mergeSha(await tip(branch)),
    mergeSha,
    dispose: () => rm(dir, { recursive: true, force: true }),
  };
}
