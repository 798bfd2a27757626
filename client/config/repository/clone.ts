import { GitError, GitPluginError, simpleGit, type SimpleGit } from 'simple-git';
import { UsageError } from '../../input/errors.ts';
import type { Environment } from '../../state/folders.ts';

/** Longest silence of one command: a network disk may be gone. */
const SILENCE_MS = 60_000;

/** Git's answer is no: it ended with another code than 0. */
export class GitSaidNo extends GitError {
  override readonly name = 'GitSaidNo';
  readonly stderr: string;

  constructor(stderr: string) {
    super(undefined, stderr);
    this.stderr = stderr;
  }
}

/** What git may reach besides the repository: nothing, or another repository on this disk. */
export type Reach = 'nothing' | 'disk';

/**
 * Git in a clone that may come from anybody: no hook, no file monitor, no question at the terminal, no network. Nothing
 * that compares files of the working tree may be asked (`status`, `diff`): a clone's own filters would run, and git has
 * no switch against them. simple-git starts git with exactly this environment, without anything of this process's.
 */
export function gitIn(folder: string, env: Readonly<Record<string, string>>, reach: Reach): SimpleGit {
  const own = {
    LC_ALL: 'C', // its words are read by us
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_LAZY_FETCH: '1', // a partial clone names programs for that in its configuration
    GIT_ALLOW_PROTOCOL: reach === 'disk' ? 'file' : 'none', // the same for a git that does not know the line above
  };
  const all = { ...env, ...own };
  return simpleGit({
    baseDir: folder,
    // The guards let nobody set these two, not even to nothing: so they are told that we may. All others stay.
    config: ['core.fsmonitor=false', 'core.hooksPath=/dev/null'],
    unsafe: { allowUnsafeFsMonitor: true, allowUnsafeHooksPath: true },
    allowEnvironment: Object.keys(all).filter((name) => name.startsWith('GIT_')),
    completion: { onExit: false }, // with its exit alone, the end of a long output is lost
    timeout: { block: SILENCE_MS },
    errors: (error, { exitCode, stdErr }) => {
      if (exitCode > 0) return new GitSaidNo(Buffer.concat(stdErr).toString('utf8'));
      return exitCode === 0 ? undefined : (error ?? new Error('git was ended by a signal'));
    },
  }).env(all);
}

/** The part of a user's environment that git reads a repository with. */
export function readingEnv(env: Environment): Record<string, string> {
  // HOME and XDG_CONFIG_HOME: which folders the user trusts, and other names of remotes. SUDO_UID: whose folders root
  // trusts. No GIT_*: a hook's GIT_DIR and the like would name another repository than the folder that was asked for.
  const names = ['PATH', 'HOME', 'XDG_CONFIG_HOME', 'SUDO_UID', 'LD_LIBRARY_PATH', 'TMPDIR'];
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}

/** An answer, or null where git says no. @throws UsageError where git is not there or never answers. */
export async function gitAnswer<T>(asked: PromiseLike<T>, where: string): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof GitSaidNo) return null;
    throw noAnswer(error, where);
  }
}

/** What a person can do about a git that did not come to an answer. */
export function noAnswer(error: unknown, where: string): unknown {
  if (!(error instanceof GitError)) return error;
  if (error.message.includes('spawn git ENOENT')) {
    return new UsageError({ where: 'git', what: 'git is not installed', mend: 'install git and put it on PATH' });
  }
  if (error instanceof GitPluginError && error.plugin === 'timeout') {
    const what = `git gave no answer for ${SILENCE_MS / 1000} s`;
    return new UsageError({ where, what, mend: 'see whether its disk is there: `git status`' });
  }
  return error;
}
