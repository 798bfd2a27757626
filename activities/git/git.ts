import { accessEnv, type GitAccess } from './access.ts';
import { GitError, GitUnanswered, remoteCommands, type GitAnswer } from '../failure/git-error.ts';
import { runProgram } from '../process/program.ts';

/** One bare repository that the orchestrator runs git in, with nothing of the user's configuration. */
export interface Git {
  readonly dir: string;
  /** Standard output without the last newline. @throws GitError on any exit other than 0. */
  run(args: readonly string[], options?: GitOptions): Promise<string>;
  /**
   * The exit code as data, for questions that git answers with it (`merge-base --is-ancestor`).
   * @throws GitUnanswered when git gave no exit code: killed, out of time or memory, or not installed.
   */
  ask(args: readonly string[], options?: GitOptions): Promise<GitAnswer>;
}

/** What a git command gets besides its arguments. */
export interface GitOptions {
  /** Standard input; `--stdin` forms save a process for each name. */
  readonly input?: string | Uint8Array;
  /** Files to read or write beside the repository, with an index of its own. */
  readonly tree?: { readonly path: string; readonly index: string };
  readonly env?: Readonly<Record<string, string>>;
  /** Default 120 s, and 600 s for fetch and push. */
  readonly timeoutMs?: number;
  /** Output as one character a byte: names of files need not be UTF-8. */
  readonly bytes?: boolean;
}

/** Environment of every git that we run: built from nothing, so that no configuration of the user's runs code. */
const gitEnv = {
  HOME: '/nonexistent',
  LC_ALL: 'C',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_ALLOW_PROTOCOL: 'file:https:http:ssh', // not ext::, which is a command line
  GIT_AUTHOR_NAME: 'millrace',
  GIT_AUTHOR_EMAIL: 'millrace@localhost',
  GIT_COMMITTER_NAME: 'millrace',
  GIT_COMMITTER_EMAIL: 'millrace@localhost',
} as const;

/** Flags of every git that we run: no hook, no monitor program, no surprise collection. */
const gitFlags = [
  '-c', 'core.hooksPath=/dev/null',
  '-c', 'core.fsmonitor=false',
  '-c', 'core.sparseCheckout=false',
  '-c', 'submodule.recurse=false',
  '-c', 'gc.auto=0',
  '-c', 'maintenance.auto=false',
  '-c', 'protocol.version=2', // the only one that serves a sha which no ref names
  '-c', 'http.followRedirects=false',
  '-c', 'advice.detachedHead=false',
] as const; // prettier-ignore

/** Binds git to one repository by an explicit `--git-dir`; nothing is discovered. `access`: to its remote, over HTTP. */
export function createGit(dir: string, access: GitAccess | null = null): Git {
  const ask = async (args: readonly string[], options: GitOptions = {}): Promise<GitAnswer> => {
    const remote = remoteCommands.has(args[0]);
    const login = remote && access && args.includes(access.remote) ? access : null;
    const answer = await runProgram({
      file: 'git',
      args: [...gitFlags, ...placeFlags(dir, options), ...args],
      cwd: dir, // so that whoever looks for what a dead worker left running finds it by its folder
      env: {
        PATH: process.env['PATH'] ?? '/usr/bin:/bin',
        ...gitEnv,
        ...(remote ? remoteEnv() : {}),
        ...(login ? await accessEnv(login) : {}),
        ...treeEnv(options),
        ...options.env,
      },
      input: options.input ?? '',
      encoding: options.bytes ? 'latin1' : 'utf8',
      timeoutMs: options.timeoutMs ?? (remote ? 600_000 : 120_000),
      maxBytes: 64 * 1024 * 1024,
    });
    const stdout = answer.stdout.replace(/\r?\n$/, '');
    const stderr = answer.stderr.replace(/\r?\n$/, '');
    const shown = login ? { shown: (await login.credential()).source } : {};
    if (answer.exitCode !== null) return { exitCode: answer.exitCode, stdout, stderr, ...shown };
    throw new GitUnanswered(args, dir, `${answer.problem} ${stderr.slice(-1_500)}`.trim());
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

function placeFlags(dir: string, options: GitOptions): readonly string[] {
  if (!options.tree) return [`--git-dir=${dir}`];
  return ['-c', 'core.bare=false', `--git-dir=${dir}`, `--work-tree=${options.tree.path}`];
}

function treeEnv(options: GitOptions): Readonly<Record<string, string>> {
  return options.tree ? { GIT_INDEX_FILE: options.tree.index } : {};
}

/** Set only when git talks to a remote: the ssh agent's socket is a credential, and private certificates are for private servers. */
const passed = ['SSH_AUTH_SOCK', 'GIT_SSL_CAINFO', 'GIT_SSL_CAPATH'] as const;

function remoteEnv(): Readonly<Record<string, string>> {
  const own = passed.flatMap((name) => (process.env[name] ? [[name, process.env[name]] as const] : []));
  return { GIT_SSH_COMMAND: 'ssh -oBatchMode=yes', ...Object.fromEntries(own) }; // nobody is there to answer a question
}
