import { mkdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { UsageError } from '../input/errors.ts';

/** Environment variables as this process or a test has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** One line for the person who waits; never parsed. */
export type Progress = (line: string) => void;

/** Folder of everything that lasts: `MILLRACE_STATE`, else `$XDG_STATE_HOME/millrace`, else `~/.local/state/millrace`. */
export function stateRoot(env: Environment): string {
  const named = env['MILLRACE_STATE'];
  if (named) return resolve(callerFolder(env, process.cwd()), named);
  return join(xdg(env, 'XDG_STATE_HOME') ?? join(home(env), '.local', 'state'), 'millrace');
}

/** Folder of what can be fetched again: `$XDG_CACHE_HOME/millrace`, else `~/.cache/millrace`. */
export function cacheRoot(env: Environment): string {
  return join(xdg(env, 'XDG_CACHE_HOME') ?? join(home(env), '.cache'), 'millrace');
}

/** Makes a folder and its parents, readable by this user alone; does nothing where it exists. */
export async function ensureFolder(path: string): Promise<string> {
  await makeFolder(path).catch((error: unknown) => {
    const what = `it cannot be made: ${error instanceof Error ? error.message : String(error)}`;
    throw new UsageError({ where: path, what, mend: 'set MILLRACE_STATE (or HOME) to a folder that you may write' });
  });
  return path;
}

/** Parents first, one by one: Node's own `recursive` never ends where a file system refuses with "no such file". */
async function makeFolder(path: string): Promise<void> {
  if ((await stat(path).catch(() => null))?.isDirectory()) return;
  const parent = dirname(path);
  if (parent !== path) await makeFolder(parent);
  await mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // another process made it meanwhile
  });
}

/** The XDG specification says that a relative path is to be ignored. */
function xdg(env: Environment, name: 'XDG_STATE_HOME' | 'XDG_CACHE_HOME'): string | null {
  const path = env[name];
  return path && isAbsolute(path) ? path : null;
}

function home(env: Environment): string {
  if (env['HOME']) return env['HOME'];
  try {
    return homedir();
  } catch {
    // A user id that the system has no name for has no folder either, and Node says so in the words of a system call.
    throw new UsageError({
      where: 'HOME',
      what: 'it is not set, and this user has no home folder',
      mend: 'set HOME; or MILLRACE_STATE and XDG_CACHE_HOME, to absolute paths',
    });
  }
}

/** The folder that names on the command line start from. */
export function callerFolder(env: Environment, cwd: string): string {
  // npx and npm run set both; outside of npm an inherited INIT_CWD would name somebody else's folder.
  return env['INIT_CWD'] && env['npm_lifecycle_event'] ? resolve(env['INIT_CWD']) : cwd;
}
