import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import type { SimpleGit } from 'simple-git';
import { UsageError } from '../../input/errors.ts';
import type { Environment } from '../../state/folders.ts';
import { gitAnswer, gitIn, GitSaidNo, readingEnv, noAnswer } from './clone.ts';

/** The user's repository, only ever read. */
export interface UserRepository {
  /** Main working tree, or the bare repository itself; absolute, symbolic links resolved. */
  readonly path: string;
  /** The working tree that the user stands in; null: bare. */
  readonly workingTree: string | null;
  /** URL of `origin` as git resolves it; null: there is none. */
  readonly origin: string | null;
  /** Standard output of a git command there, its last newline cut; null: it ended with another code than 0. */
  ask(args: readonly string[]): Promise<string | null>;
  /** Content of an object, byte for byte. @throws UsageError when it is not there. */
  bytes(object: string): Promise<Uint8Array>;
  /** What another repository on this disk has of a branch, empty where it has none; null: git finds no repository there. */
  branchesOf(url: string, name: string): Promise<string | null>;
}

/** Finds the repository that a folder belongs to. @throws UsageError when it belongs to none. */
export async function locateRepository(folder: string, env: Environment): Promise<UserRepository> {
  const where = folder;
  const found = await stat(folder).catch(() => null);
  if (!found?.isDirectory()) {
    throw new UsageError({ where, what: 'there is no such folder', mend: 'name the repository with `-C FOLDER`' });
  }
  const git = gitIn(folder, readingEnv(env), 'nothing');
  const onDisk = gitIn(folder, readingEnv(env), 'disk');
  const { bare, gitDir, commonDir } = await placeOf(git, folder);
  const workingTree = bare ? null : await topLevel(git, folder);
  const common = await realpath(resolve(folder, commonDir));
  const linked = common !== (await realpath(gitDir));
  // A linked worktree is one repository with its main one, under whose path it is known.
  const main = linked ? (basename(common) === '.git' ? dirname(common) : common) : (workingTree ?? common);
  return {
    path: await realpath(main),
    workingTree,
    origin: lineOf(await gitAnswer(git.raw('remote', 'get-url', 'origin'), where)) || null,
    ask: async (args) => lineOf(await gitAnswer(git.raw([...args]), where)),
    async bytes(object) {
      const content = await gitAnswer<Buffer>(git.binaryCatFile(['blob', object]), where);
      if (content !== null) return content;
      const mend = `fetch it, this may be a partial clone: \`git cat-file blob ${object}\``;
      throw new UsageError({ where, what: `the repository lacks the file's content ${object}`, mend });
    },
    branchesOf: async (url, name) =>
      lineOf(await gitAnswer(onDisk.listRemote(['--heads', '--', url, `refs/heads/${name}`]), where)),
  };
}

/** Where git finds its folders, the second one relative to where it was asked. */
async function placeOf(git: SimpleGit, folder: string) {
  try {
    const answer = await git.raw('rev-parse', '--is-bare-repository', '--absolute-git-dir', '--git-common-dir');
    const [bare, gitDir, commonDir] = answer.split('\n') as [string, string, string];
    return { bare: bare === 'true', gitDir, commonDir };
  } catch (error) {
    if (error instanceof GitSaidNo) throw new UsageError({ where: folder, ...notARepository(error.stderr) });
    throw noAnswer(error, folder);
  }
}

async function topLevel(git: SimpleGit, folder: string): Promise<string> {
  const path = lineOf(await gitAnswer(git.raw('rev-parse', '--show-toplevel'), folder));
  if (path) return realpath(path);
  throw new UsageError({
    where: folder,
    what: 'this folder lies inside a .git folder',
    mend: 'go to the working tree, or name it with `-C FOLDER`',
  });
}

function notARepository(stderr: string): { readonly what: string; readonly mend: string } {
  if (stderr.includes('dubious ownership')) {
    return {
      what: 'git does not trust this repository: it belongs to another user',
      mend: 'run `git config --global --add safe.directory <its path>` if you do',
    };
  }
  return { what: 'this is not a git repository', mend: 'run `git init` there, or name another one with `-C FOLDER`' };
}

/** An answer without its last newline. */
function lineOf(answer: string | null): string | null {
  return answer === null ? null : answer.replace(/\r?\n$/, '');
}
