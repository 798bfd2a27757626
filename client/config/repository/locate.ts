import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { execa } from 'execa';
import { UsageError } from '../../input/errors.ts';
import type { Environment } from '../../state/folders.ts';

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
  /** Content of an object, byte for byte. */
  bytes(object: string): Promise<Uint8Array>;
}

/** Finds the repository that a folder belongs to. @throws UsageError when it belongs to none. */
export async function locateRepository(folder: string, env: Environment): Promise<UserRepository> {
  const where = folder;
  const found = await stat(folder).catch(() => null);
  if (!found?.isDirectory()) {
    throw new UsageError({ where, what: 'there is no such folder', mend: 'name the repository with `-C FOLDER`' });
  }
  const git = createAsk(folder, env);
  const answer = await git(['rev-parse', '--is-bare-repository', '--absolute-git-dir', '--git-common-dir']);
  if (answer.exitCode !== 0) throw new UsageError({ where, ...notARepository(answer.stderr) });
  const [bare, gitDir, commonDir] = answer.stdout.split('\n') as [string, string, string];
  const workingTree = bare === 'true' ? null : await topLevel(folder, git);
  const common = await realpath(resolve(folder, commonDir));
  const linked = common !== (await realpath(gitDir));
  // A linked worktree is one repository with its main one, under whose path it is known.
  const main = linked ? (basename(common) === '.git' ? dirname(common) : common) : (workingTree ?? common);
  const origin = await git(['remote', 'get-url', 'origin']);
  return {
    path: await realpath(main),
    workingTree,
    origin: origin.exitCode === 0 && origin.stdout !== '' ? origin.stdout : null,
    async ask(args) {
      const { exitCode, stdout } = await git(args);
      return exitCode === 0 ? stdout : null;
    },
    async bytes(object) {
      const { stdout } = await execa('git', ['cat-file', 'blob', object], {
        ...options(folder, env),
        encoding: 'buffer',
        stripFinalNewline: false,
      });
      return stdout;
    },
  };
}

async function topLevel(folder: string, git: ReturnType<typeof createAsk>): Promise<string> {
  const answer = await git(['rev-parse', '--show-toplevel']);
  if (answer.exitCode === 0 && answer.stdout !== '') return realpath(answer.stdout);
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

function createAsk(folder: string, env: Environment) {
  return async (args: readonly string[]) => {
    const result = await execa('git', ['-c', 'core.fsmonitor=false', ...args], options(folder, env));
    if (result.code === 'ENOENT') {
      throw new UsageError({ where: 'git', what: 'git is not installed', mend: 'install git and put it on PATH' });
    }
    return { exitCode: result.exitCode ?? 128, stdout: result.stdout, stderr: result.stderr };
  };
}

/** A hook's GIT_DIR and the like would name another repository than the folder that was asked for. */
function options(folder: string, env: Environment) {
  const kept = Object.entries(env).filter(([name]) => !name.startsWith('GIT_'));
  return {
    cwd: folder,
    env: { ...Object.fromEntries(kept), LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' },
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    timeout: 60_000,
    maxBuffer: 16 * 1024 * 1024,
  } as const;
}
