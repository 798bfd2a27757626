import { execa } from 'execa';

/** One bare repository that the orchestrator runs git in, with nothing of the user's configuration. */
export interface Git {
  readonly dir: string;
  /** Standard output without the last newline. @throws GitError on any exit other than 0. */
  run(args: readonly string[], options?: GitOptions): Promise<string>;
  /** Exit code as data, for questions that git answers by it (`merge-base --is-ancestor`). */
  ask(args: readonly string[], options?: GitOptions): Promise<GitAnswer>;
}

export interface GitOptions {
  /** Standard input; `--stdin` forms save a process for each name. */
  readonly input?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Default 120 s: local operations; fetch and push get 600 s. */
  readonly timeoutMs?: number;
}

export interface GitAnswer {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Git said no: what was run, where, and git's own words. */
export class GitError extends Error {
  override readonly name = 'GitError';
  readonly exitCode: number;
  readonly stderr: string;

  constructor(args: readonly string[], dir: string, answer: GitAnswer) {
    const words = answer.stderr.trim().slice(-1500) || answer.stdout.trim().slice(-500) || 'no output';
    super(`git ${args.join(' ').slice(0, 200)} in ${dir} ended with ${answer.exitCode}: ${words}`);
    this.exitCode = answer.exitCode;
    this.stderr = answer.stderr;
  }
}

/** Environment of every git that we run: built from nothing, so that no configuration of the user's runs code. */
const gitEnv = {
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
  HOME: '/nonexistent',
  LC_ALL: 'C',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_AUTHOR_NAME: 'millrace',
  GIT_AUTHOR_EMAIL: 'millrace@localhost',
  GIT_COMMITTER_NAME: 'millrace',
  GIT_COMMITTER_EMAIL: 'millrace@localhost',
} as const;

/** Flags of every git that we run: no hook, no monitor program, no surprise collection. */
const gitFlags = [
  '-c', 'core.hooksPath=/dev/null',
  '-c', 'core.fsmonitor=false',
  '-c', 'gc.auto=0',
  '-c', 'maintenance.auto=false',
  '-c', 'protocol.version=2',
  '-c', 'http.followRedirects=false',
] as const;

/** Binds git to one bare repository by an explicit `--git-dir`; nothing is discovered. */
export function createGit(dir: string): Git {
  const ask = async (args: readonly string[], options: GitOptions = {}): Promise<GitAnswer> => {
    const result = await execa('git', [...gitFlags, `--git-dir=${dir}`, ...args], {
      cwd: options.cwd ?? '/',
      env: { ...gitEnv, ...options.env },
      extendEnv: false,
      input: options.input ?? '',
      timeout: options.timeoutMs ?? 120_000,
      maxBuffer: 64 * 1024 * 1024,
      reject: false,
    });
    const answer = { exitCode: result.exitCode ?? 128, stdout: result.stdout, stderr: result.stderr };
    return result.timedOut ? { ...answer, exitCode: 128, stderr: `timed out after ${options.timeoutMs ?? 120_000} ms` } : answer;
  };
  return {
    dir,
    ask,
    async run(args, options) {
      const answer = await ask(args, options);
      if (answer.exitCode !== 0) throw new GitError(args, dir, answer);
      return answer.stdout;
    },
  };
}
