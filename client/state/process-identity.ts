import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { z } from 'zod';

/** A process that can't be mistaken for a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque, compared for equality only: ticks and boot on Linux, a date elsewhere. */
  readonly startTime: string;
}

/** Shape of a process identity inside the JSON files of the state folder. */
export const processIdentitySchema = z.object({ pid: z.int().positive(), startTime: z.string().min(1) });

/** Identity of a process that runs now; null when there is none. A zombie is none: it only waits to be counted. */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | null> {
  const startTime = process.platform === 'linux' ? await startTimeFromProc(pid) : await startTimeFromPs(pid);
  return startTime === null ? null : { pid, startTime };
}

/** Identity of this process. */
export async function ownIdentity(): Promise<ProcessIdentity> {
  const own = await identifyProcess(process.pid);
  if (!own)
    throw new Error(`the start time of process ${process.pid} can't be read: is /proc mounted (or ps installed)?`);
  return own;
}

/** Whether exactly that process still runs. */
export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  const now = await identifyProcess(identity.pid);
  return now?.startTime === identity.startTime;
}

/** Ends a process: SIGTERM, up to `graceMs`, SIGKILL. Returns once it is gone; a stranger with its pid is left alone. */
export async function endProcess(identity: ProcessIdentity, graceMs: number): Promise<void> {
  for (const [signal, waitMs] of [
    ['SIGTERM', graceMs],
    ['SIGKILL', 10_000],
  ] as const) {
    if (!(await isAlive(identity))) return;
    send(identity.pid, signal);
    if (await isGoneWithin(identity, waitMs)) return;
  }
  throw new Error(`process ${identity.pid} does not end, not even by SIGKILL: look at it with ps -p ${identity.pid}`);
}

async function isGoneWithin(identity: ProcessIdentity, waitMs: number): Promise<boolean> {
  const deadline = performance.now() + waitMs;
  while (await isAlive(identity)) {
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

async function startTimeFromProc(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch((error: NodeJS.ErrnoException) => {
    // We have no file descriptor left: that is nothing about the process, whose lock would be free if it passed for dead.
    if (['EMFILE', 'ENFILE', 'ENOMEM'].includes(error.code ?? '')) throw error;
    return null;
  });
  if (stat === null) return null;
  // The second field is the program's name in parentheses and may hold spaces and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, ticks] = [fields[0], fields[19]]; // fields 3 and 22 of proc(5)
  if (!ticks || state === 'Z' || state === 'X') return null;
  return `${ticks}@${await bootId()}`;
}

let boot: Promise<string> | undefined;

/** Ticks are counted from boot, so that two boots can give two processes the same pid and ticks. */
function bootId(): Promise<string> {
  boot ??= readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
    (text) => text.slice(0, 8),
    () => 'unknown',
  );
  return boot;
}

async function startTimeFromPs(pid: number): Promise<string | null> {
  const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }; // the date is text: keep it comparable
  const answer = await promisify(execFile)('ps', ['-o', 'stat=', '-o', 'lstart=', '-p', String(pid)], { env }).catch(
    () => null,
  );
  const match = /^\s*(\S+)\s+(\S.*?)\s*$/.exec(answer?.stdout ?? '');
  if (!match?.[1] || !match[2] || match[1].startsWith('Z')) return null;
  return match[2].replace(/\s+/g, ' ');
}
