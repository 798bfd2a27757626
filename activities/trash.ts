import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { RepositoryLayout } from '../workflows/domain/layout.ts';

const deletions = new Set<Promise<void>>();

/** Moves what lies at a path out of the way by one rename and deletes it in the background; nothing there is fine. */
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

/** A new folder to build something in; what a kill leaves there is swept with the rest of the trash. */
export async function stageFolder(layout: RepositoryLayout): Promise<string> {
  await mkdir(layout.trash, { recursive: true, mode: 0o700 });
  return mkdtemp(join(layout.trash, 'making-'));
}

/** Deletes one folder of the trash without waiting. */
export function deleteSoon(path: string): void {
  const deletion = remove(path);
  deletions.add(deletion);
  void deletion.finally(() => deletions.delete(deletion));
}

/** Waits until all that was thrown away so far is gone: before a worker ends, and in tests. */
export async function trashEmptied(): Promise<void> {
  await Promise.all(deletions);
}

/** Deletes what earlier workers left in the trash; only before anything else uses the repository. */
export async function sweepTrash(layout: RepositoryLayout): Promise<void> {
  const names = await readdir(layout.trash).catch(() => []);
  for (const name of names) deleteSoon(join(layout.trash, name));
}

/** By a program: Node's own `rm` keeps the few threads busy that all our file reads share. Never rejects. */
async function remove(path: string): Promise<void> {
  const options = { cwd: '/', reject: false, stdio: 'ignore' } as const;
  const { exitCode } = await execa('rm', ['-rf', '--', path], options);
  if (exitCode === 0) return;
  await execa('chmod', ['-R', 'u+rwX', '--', path], options); // folders that an agent closed even to us
  await execa('rm', ['-rf', '--', path], options); // what still resists waits for the next start
}
