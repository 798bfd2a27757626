import { execa } from 'execa';
import { stateLayout } from '../../workflows/domain/host/layout.ts';
import { shellWord } from '../../workflows/domain/host/shell.ts';

/** Where the newest work of an issue is kept on this machine, published or not. */
export interface KeptWork {
  /** Bare repository. */
  readonly repository: string;
  readonly ref: string;
  readonly sha: string;
  /** The command that brings it into a clone. */
  readonly fetch: string;
}

/** Finds the work that a private ref keeps; null: this machine does not have it. */
export async function keptWork(stateRoot: string, repo: string, ref: string): Promise<KeptWork | null> {
  const { mirror } = stateLayout(stateRoot).repository(repo);
  const { exitCode, stdout } = await git(mirror, ['rev-parse', '--verify', '--quiet', '--end-of-options', ref]);
  if (exitCode !== 0) return null;
  return { repository: mirror, ref, sha: stdout, fetch: `git fetch ${shellWord(mirror)} ${shellWord(ref)}` };
}

/** The changes of the work since it began on `base`, as a patch. @throws Error with git's words. */
export async function diffOf({ repository, sha }: KeptWork, base: string): Promise<string> {
  const args = ['diff', '--no-color', '--no-ext-diff', '--no-textconv', '--end-of-options', base, sha, '--'];
  const { exitCode, stdout, stderr } = await git(repository, args);
  if (exitCode !== 0) throw new Error(`git diff in ${repository} ended with ${exitCode}: ${stderr}`);
  return stdout === '' ? '' : `${stdout}\n`;
}

/** Runs git in our own mirror without anybody's configuration, since a diff driver or a pager would run a program. */
function git(mirror: string, args: readonly string[]) {
  return execa(
    'git',
    ['-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false', `--git-dir=${mirror}`, ...args],
    {
      env: {
        PATH: process.env['PATH'] ?? '/usr/bin:/bin',
        HOME: '/nonexistent',
        LC_ALL: 'C',
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_ATTR_NOSYSTEM: '1',
        GIT_OPTIONAL_LOCKS: '0',
      },
      extendEnv: false,
      stdin: 'ignore',
      reject: false,
      timeout: 60_000,
      maxBuffer: 256 * 1024 * 1024,
    },
  );
}
