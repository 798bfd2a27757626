import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { unlessExhausted } from '../host/exhaustion.ts';

/** Git holds a lock on a ref for milliseconds; an older lock belongs to a process that was killed. */
const STALE_MS = 1_000;

/** Removes a lock file that nobody can still hold; waits while it is too young to tell. */
export async function clearLock(path: string): Promise<void> {
  for (;;) {
    const facts = await lstat(path).catch(unlessExhausted(null));
    if (!facts) return;
    const age = Date.now() - facts.mtimeMs;
    if (age > STALE_MS || age < 0) return rm(path, { recursive: true, force: true });
    await sleep(20);
  }
}

/** Removes all such locks in a repository's top folder and below its refs. */
export async function clearLocks(repository: string): Promise<void> {
  const top = await namesIn(repository, false);
  const refs = (await namesIn(join(repository, 'refs'), true)).map((name) => join('refs', name));
  const locks = [...top, ...refs].filter((name) => name.endsWith('.lock'));
  await Promise.all(locks.map((name) => clearLock(join(repository, name))));
}

async function namesIn(folder: string, recursive: boolean): Promise<readonly string[]> {
  return readdir(folder, { recursive }).catch(unlessExhausted([]));
}

/** Removes all such locks in the entry of one worktree. */
export async function clearEntryLocks(admin: string): Promise<void> {
  const locks = (await namesIn(admin, true)).filter((name) => name.endsWith('.lock'));
  await Promise.all(locks.map((name) => clearLock(join(admin, name))));
}
