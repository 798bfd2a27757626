import { setTimeout as sleep } from 'node:timers/promises';
import { announce, markHolder, presentIn, withdraw } from './presence.ts';
import type { ProcessIdentity } from './process-identity.ts';

/** Something that at most one living process has. It is free again without a release: a dead holder holds nothing. */
export interface Lock {
  release(): Promise<void>;
}

/** Thrown when another living process holds the lock. */
export class LockHeld extends Error {
  override readonly name = 'LockHeld';
  readonly holder: ProcessIdentity;

  constructor(path: string, holder: ProcessIdentity) {
    super(`${path} is held by process ${holder.pid}: wait for it, or end it with kill ${holder.pid}`);
    this.holder = holder;
  }
}

/** A look takes about a millisecond; two that meet draw apart within a few of these. */
const longestPauseMs = 40;

/** Claimants that keep meeting without one winning: not seen in tests with 16 processes, so it is reported as an error. */
const longestContestMs = 10_000;

/**
 * Takes the lock that a folder stands for, waiting up to `waitMs` for a living holder.
 * First announce, then look: of two that race, the later look sees both notes, so both can't go on; and a dead
 * process's note is never taken over but deleted, so that there is no moment at which two believe they did.
 * @throws LockHeld when the holder is still there after that time.
 */
export async function acquireLock(folder: string, waitMs = 0): Promise<Lock> {
  const start = performance.now();
  for (;;) {
    const rivals = await claim(folder);
    if ('release' in rivals) return rivals;
    const waited = performance.now() - start;
    const holder = rivals.find((rival) => rival.holds);
    if (holder && waited >= waitMs) throw new LockHeld(folder, holder);
    if (!holder && rivals[0] && waited >= waitMs + longestContestMs) throw new LockHeld(folder, rivals[0]);
    await sleep(5 + Math.random() * longestPauseMs);
  }
}

/** The lock, or null while another living process has it. */
export async function tryLock(folder: string): Promise<Lock | null> {
  return acquireLock(folder).catch((error: unknown) => {
    if (error instanceof LockHeld) return null;
    throw error;
  });
}

async function claim(folder: string) {
  const before = await presentIn(folder);
  if (before.some((note) => note.holds)) return before; // waiting must not disturb those who claim
  const own = await announce(folder);
  try {
    const rivals = (await presentIn(folder)).filter((note) => note.path !== own.path);
    if (rivals.length === 0) {
      await markHolder(own);
      return { release: () => withdraw(own) };
    }
    await withdraw(own);
    return rivals;
  } catch (error) {
    await withdraw(own);
    throw error;
  }
}
