import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { basename, delimiter, resolve } from 'node:path';
import type { Profile } from '../../../workflows/domain/settings.ts';
import type { Environment } from '../../state/folders.ts';

/** Where a program is looked for: names on PATH of `env`, relative paths from `folder`. */
export interface LookIn {
  readonly folder: string;
  readonly env: Environment;
}

/** The program that a profile starts: a name, an absolute path, or a path in the worktree. */
export function programOf({ run, agent }: Pick<Profile, 'run' | 'agent'>): string {
  return run[0] ?? (agent === 'command' ? '' : agent);
}

/** Absolute path of a program that may be started; null: there is none. */
export async function findProgram(program: string, { folder, env }: LookIn): Promise<string | null> {
  if (program === '') return null;
  const folders = program.includes('/') ? [''] : (env['PATH'] ?? '').split(delimiter);
  for (const each of folders) {
    const path = resolve(folder, each, program);
    if (await isProgram(path)) return path;
  }
  return null;
}

/** Programs that run a file, with their flags that take a value, and those that stand alone. */
const interpreters: Readonly<
  Record<string, { readonly valued: readonly string[]; readonly alone: readonly string[] }>
> = {
  node: {
    valued: ['--import', '--require', '-r', '--loader', '--env-file', '--conditions', '-C'],
    alone: ['--no-warnings', '--enable-source-maps', '--experimental-strip-types'],
  },
  tsx: { valued: ['--tsconfig', '--import'], alone: ['--no-cache'] },
  bun: { valued: [], alone: ['--bun'] },
  python: { valued: ['-W', '-X'], alone: ['-u', '-B', '-E', '-I', '-O', '-s', '-S'] },
  python3: { valued: ['-W', '-X'], alone: ['-u', '-B', '-E', '-I', '-O', '-s', '-S'] },
  ruby: { valued: ['-I'], alone: ['-w'] },
  perl: { valued: ['-I'], alone: ['-w'] },
  sh: { valued: [], alone: ['-e', '-u', '-x', '-eu'] },
  bash: { valued: [], alone: ['-e', '-u', '-x', '-eu'] },
};

/** Which word of a command is the script that its interpreter reads; null: there is none, or flags leave it open. */
export function scriptIndex([program = '', ...args]: readonly string[]): number | null {
  const flags = Object.hasOwn(interpreters, basename(program)) ? interpreters[basename(program)] : undefined;
  if (!flags) return null;
  for (let at = 0; at < args.length; at++) {
    const word = args[at]!;
    // Without a slash or an ending it may as well be a command of the interpreter's: `bun run`.
    if (!word.startsWith('-')) return /[/.]/.test(word) && !word.includes('://') ? at + 1 : null;
    if (flags.valued.includes(word)) at++;
    else if (!flags.alone.includes(word) && !flags.valued.some((flag) => word.startsWith(`${flag}=`))) return null;
  }
  return null;
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

/** Whether a regular file is at a path. */
export async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP', 'ENAMETOOLONG'].includes((error as NodeJS.ErrnoException).code ?? '');
}
