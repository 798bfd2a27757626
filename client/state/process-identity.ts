import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { bootId, readProcess } from '../../activities/process/table.ts';

/** A process that can't be mistaken for a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque, compared for equality only: when it was started, and in which boot. */
  readonly startTime: string;
}

/** Shape of a process identity inside the JSON files of the state folder. */
export const processIdentitySchema = z.object({ pid: z.int().positive(), startTime: z.string().min(1) });

/** Identity of a process that runs now; null when there is none. A zombie does not count: it has ended. */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | null> {
  const entry = readProcess(pid); // throws where we cannot look: a lock would be free if its holder passed for dead
  return entry && { pid, startTime: `${entry.started}@${bootId.slice(0, 8) || 'unknown'}` };
}

/** Identity of this process. */
export async function ownIdentity(): Promise<ProcessIdentity> {
  const own = await identifyProcess(process.pid);
  if (!own)
    throw new Error(`the start time of process ${process.pid} can't be read: is /proc mounted (or ps installed)?`);
  return own;
}

/** Whether exactly that process still runs. */
export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  const now = await identifyProcess(identity.pid);
  return now?.startTime === identity.startTime;
}

/** Ends a process: SIGTERM, up to `graceMs`, SIGKILL. Returns once it is gone; a stranger with its pid is left alone. */
export async function endProcess(identity: ProcessIdentity, graceMs: number): Promise<void> {
  for (const [signal, waitMs] of [
    ['SIGTERM', graceMs],
    ['SIGKILL', 10_000],
  ] as const) {
    if (!(await isRunning(identity))) return;
    send(identity.pid, signal);
    if (await isGoneWithin(identity, waitMs)) return;
  }
  throw new Error(`process ${identity.pid} does not end, not even by SIGKILL: look at it with ps -p ${identity.pid}`);
}

async function isGoneWithin(identity: ProcessIdentity, waitMs: number): Promise<boolean> {
  const deadline = performance.now() + waitMs;
  while (await isRunning(identity)) {
    if (performance.now() > deadline) return false;
    await sleep(25);
  }
  return true;
}

function send(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // it ended by itself meanwhile
  }
}
