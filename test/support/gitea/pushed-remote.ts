import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { createGit, type Git } from '../../../activities/git/git.ts';
import type { StageRemote } from '../forge/forge-behaviour/stage.ts';

/** A bare clone of a repository behind HTTP: commits are made here and pushed at once. */
export interface PushedRemote extends StageRemote {
  readonly dir: string;
  readonly git: Git;
  /** With files over those of the branch; null removes one. */
  commit(branch: string, message: string, files?: Readonly<Record<string, string | null>>): Promise<string>;
  /** Makes a branch be at a sha, whatever it was. */
  point(branch: string, sha: string): Promise<void>;
  remove(branch: string): Promise<void>;
  /** Text of a file on a branch; null: it is not there. */
  read(branch: string, path: string): Promise<string | null>;
  dispose(): Promise<void>;
}

export async function createPushedRemote(at: { readonly url: string; readonly token: string }): Promise<PushedRemote> {
  const dir = await mkdtemp(join(tmpdir(), 'millrace-pushed-'));
  await execa('git', ['init', '--quiet', '--bare', '--initial-branch=main', '--', dir]);
  const git = createGit(dir);
  const env = {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'http.extraHeader',
    GIT_CONFIG_VALUE_0: `Authorization: token ${at.token}`,
  };
  const fetchHeads = () => git.run(['fetch', '--quiet', '--prune', at.url, '+refs/heads/*:refs/heads/*'], { env });
  const push = async (branch: string, sha: string) => {
    await git.run(['push', '--quiet', '--force', at.url, `${sha}:refs/heads/${branch}`], { env });
  };
  const tip = async (branch: string) => {
    await fetchHeads();
    return git.run(['rev-parse', '--verify', '--end-of-options', `refs/heads/${branch}`]);
  };
  const commitTree = (message: string, tree: string, parents: readonly string[]) =>
    git.run(['commit-tree', '-m', message, ...parents.flatMap((parent) => ['-p', parent]), tree]);
  const treeOf = (files: Readonly<Record<string, string | null>>, parent: string | null) =>
    writeTree(git, files, parent);
  const mergeSha = async (head: string) => {
    const main = await tip('main');
    const tree = await git.run(['merge-tree', '--write-tree', main, head]);
    const sha = await commitTree(`merge ${head}`, tree, [main, head]);
    await push('main', sha);
    return sha;
  };
  return {
    dir,
    git,
    tip,
    async commit(branch, message, files = {}) {
      const parent = await tip(branch).catch(() => tip('main').catch(() => null));
      const sha = await commitTree(message, await treeOf(files, parent), parent === null ? [] : [parent]);
      await push(branch, sha);
      return sha;
    },
    point: push,
    async remove(branch) {
      await git.run(['push', '--quiet', at.url, `:refs/heads/${branch}`], { env });
    },
    async read(branch, path) {
      await fetchHeads();
      const answer = await git.ask(['cat-file', 'blob', `refs/heads/${branch}:${path}`]);
      return answer.exitCode === 0 ? answer.stdout : null;
    },
    merge: async (branch) => mergeSha(await tip(branch)),
    dispose: () => rm(dir, { recursive: true, force: true }),
  };
}

async function writeTree(
  git: Git,
  files: Readonly<Record<string, string | null>>,
  parent: string | null,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-index-'));
  const env = { GIT_INDEX_FILE: join(folder, 'index') };
  try {
    if (parent !== null) await git.run(['read-tree', parent], { env });
    const lines: string[] = [];
    for (const [path, text] of Object.entries(files)) {
      const blob = text === null ? '0'.repeat(40) : await git.run(['hash-object', '-w', '--stdin'], { input: text });
      lines.push(`${text === null ? '0' : '100644'} ${blob}\t${path}\n`);
    }
    await git.run(['update-index', '--index-info'], { env, input: lines.join('') });
    return await git.run(['write-tree'], { env });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
