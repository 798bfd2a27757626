import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RepositoryLayout } from '../../workflows/domain/host/layout.ts';
import { runProgram } from '../process/program.ts';
import { unlessExhausted } from '../host/exhaustion.ts';

/** How long deletions are collected: an issue throws five folders away in a row, and each `rm` is a process. */
const COLLECT_MS = 100;

/** Most folders of one `rm`: far below the longest command line. */
const AT_ONCE = 100;

let doomed: string[] = [];
let emptying: Promise<void> | null = null;

/** Moves what is at a path out of the way by one rename, and deletes it in the background; nothing there is fine. */
export async function toTrash(layout: RepositoryLayout, path: string): Promise<void> {
  await mkdir(layout.trash, { recursive: true, mode: 0o700 });
  const aside = join(layout.trash, `gone-${randomUUID()}`);
  try {
    await rename(path, aside);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return;
    throw error;
  }
  deleteSoon(aside);
}

/** A new folder to build something in. What a kill leaves there is swept with the rest of the trash. */
export async function stageFolder(layout: RepositoryLayout): Promise<string> {
  await mkdir(layout.trash, { recursive: true, mode: 0o700 });
  return mkdtemp(join(layout.trash, 'making-'));
}

/** Deletes one folder of the trash in the background. */
export function deleteSoon(path: string): void {
  doomed.push(path);
  emptying ??= empty();
}

/** Waits until everything thrown away so far is deleted: before a worker ends, and in tests. */
export async function trashEmptied(): Promise<void> {
  await emptying;
}

/** Deletes what earlier workers left in the trash; call it before anything else uses the repository. */
export async function sweepTrash(layout: RepositoryLayout): Promise<void> {
  const names = await readdir(layout.trash).catch(unlessExhausted([]));
  for (const name of names) deleteSoon(join(layout.trash, name));
}

async function empty(): Promise<void> {
  await sleep(COLLECT_MS);
  while (doomed.length > 0) {
    const paths = doomed.slice(0, AT_ONCE);
    doomed = doomed.slice(AT_ONCE);
    await remove(paths);
  }
  emptying = null;
}

/** By a program: Node's own `rm` would occupy the few threads that all our file reads share. Never rejects. */
async function remove(paths: readonly string[]): Promise<void> {
  const run = (file: string, ...flags: readonly string[]) =>
    runProgram({
      file,
      args: [...flags, '--', ...paths],
      cwd: '/',
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C' },
      input: '',
      encoding: 'utf8',
      timeoutMs: 3_600_000, // hundreds of thousands of files on a slow disk
      maxBytes: 1024 * 1024,
    });
  if ((await run('rm', '-rf')).exitCode === 0) return;
  await run('chmod', '-R', 'u+rwX'); // folders that an agent closed even to us
  await run('rm', '-rf'); // what still resists waits for the next start
}
