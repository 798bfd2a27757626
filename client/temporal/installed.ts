import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { execa } from 'execa';
import { UsageError } from '../input/errors.ts';
import type { Environment } from '../state/folders.ts';
import { isSupported, minimumVersion, parseCliVersion } from './release.ts';

/** Which of the five ways led to the executable. */
export type CliSource = 'environment' | 'path' | 'cache' | 'download' | 'pypi';

/** An executable of the Temporal CLI that may be run. */
export interface TemporalCli {
  readonly path: string;
  readonly version: string;
  readonly source: CliSource;
}

/** What the user names is what they get: a fault in it is told, never papered over by another executable. */
export async function namedCli(path: string, env: Environment): Promise<TemporalCli> {
  const refuse = (problem: string, mend: string) =>
    new UsageError({
      where: 'MILLRACE_TEMPORAL_CLI',
      what: `${path} ${problem}`,
      mend: `${mend}, or unset it to have one found`,
    });
  if (!(await exists(path))) throw refuse('does not exist', 'correct the path');
  if (!(await isExecutable(path))) throw refuse('is not an executable file', `chmod +x ${path}`);
  const version = await askVersion(path, env);
  if (!version) throw refuse('does not answer --version as the Temporal CLI does', 'name the Temporal CLI');
  if (!isSupported(version)) throw refuse(`is version ${version}`, `name ${minimumVersion} or newer`);
  return { path, version, source: 'environment' };
}

/** The first `temporal` of PATH, or what is wrong with it. */
export async function cliOnPath(
  env: Environment,
): Promise<TemporalCli | { readonly found: boolean; readonly problem: string }> {
  // Skip relative entries: the folder that the user called from may be anybody's repository.
  const folders = (env['PATH'] ?? '').split(delimiter).filter(isAbsolute);
  for (const path of folders.map((folder) => join(folder, 'temporal'))) {
    if (!(await isExecutable(path))) continue;
    const version = await askVersion(path, env);
    if (!version) return { found: true, problem: `${path} does not answer --version as the Temporal CLI does` };
    if (!isSupported(version)) return { found: true, problem: `${path} is ${version}, older than ${minimumVersion}` };
    return { path, version, source: 'path' };
  }
  return { found: false, problem: 'no `temporal`' };
}

async function askVersion(path: string, env: Environment): Promise<string | null> {
  const answer = await execa(path, ['--version'], {
    env: { ...env },
    extendEnv: false,
    stdin: 'ignore',
    timeout: 10_000,
    reject: false,
  });
  return parseCliVersion(answer.stdout ?? '');
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Whether a path is a file that this user may run. */
export async function isExecutable(path: string): Promise<boolean> {
  const file = await stat(path).catch(() => null);
  if (!file?.isFile()) return false;
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
