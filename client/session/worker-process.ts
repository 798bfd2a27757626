import { spawn, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { stateLayout } from '../../workflows/domain/host/layout.ts';
import { ExitError, exitCodes } from '../input/errors.ts';
import { logSize, logTail, openLog } from '../state/log.ts';
import { presentIn } from '../state/presence.ts';
import { endProcess, identifyProcess } from '../state/process-identity.ts';
import { runningWorker, type WorkerRecord } from '../state/running.ts';
import type { Environment } from '../state/folders.ts';

/** Bundling the workflows takes 2 to 4 s; the rest is for a busy machine. */
const readyTimeoutMs = 60_000;

/** The worker gives its activities 20 s to save what they have. */
const workerGraceMs = 25_000;

/** No worker is ready; the message quotes the end of its log. */
export class WorkerUnavailable extends ExitError {
  override readonly name = 'WorkerUnavailable';
  readonly exitCode = exitCodes.temporal;
}

/** How a worker is started, and which one is wanted. */
export interface WorkerCommand {
  readonly stateRoot: string;
  readonly env: Environment;
  /** Node arguments: the program and its loader. */
  readonly program: readonly string[];
  /** Whether a ready worker is the one we want. */
  readonly isRight: (worker: WorkerRecord) => boolean;
  readonly signal: AbortSignal;
}

/** The folder whose lock a worker holds while it lives: one worker per state folder. */
export function workerLock(stateRoot: string): string {
  return join(stateLayout(stateRoot).locks, 'worker');
}

/** Our worker program. */
export function workerProgram(): readonly string[] {
  return programOfWorker('main');
}

/** A program of `worker/`: the TypeScript source through tsx in development, the emitted file where this one is emitted. */
export function programOfWorker(name: 'main' | 'ask-forge'): readonly string[] {
  const source = import.meta.url.endsWith('.ts');
  const file = fileURLToPath(new URL(`../../worker/${name}.${source ? 'ts' : 'js'}`, import.meta.url));
  return source ? ['--import', tsxLoader(), file] : [file];
}

/** The loader's full URL: Node would resolve a bare `tsx` from the folder it starts in. */
export function tsxLoader(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
}

/**
 * Starts a worker in a process group of its own and waits until one is ready: usually this one, or one that a killed
 * client had just started.
 * @throws WorkerUnavailable when it ends or takes too long. @throws the signal's reason.
 */
export async function startWorker(command: WorkerCommand): Promise<WorkerRecord> {
  const log = join(stateLayout(command.stateRoot).logs, 'worker.log');
  const from = await logSize(log);
  const child = await spawnWorker(command, log);
  const identity = child.pid === undefined ? null : await identifyProcess(child.pid);
  const ready = await untilReady(command, child).catch(async (error: unknown) => {
    if (identity) await endProcess(identity, workerGraceMs);
    if (!(error instanceof WorkerUnavailable)) throw error;
    throw new WorkerUnavailable(`${error.message}\n${await logTail(log, from)}\nIts log is ${log}.`);
  });
  if (identity && ready.pid !== identity.pid) await endProcess(identity, workerGraceMs);
  return ready;
}

/** Ends the workers of a state folder: the ready one, and one that was started and never got ready. */
export async function endWorkers(stateRoot: string): Promise<void> {
  const ready = await runningWorker(stateRoot);
  const holders = await presentIn(workerLock(stateRoot));
  for (const worker of [...(ready ? [ready] : []), ...holders]) await endProcess(worker, workerGraceMs);
}

async function spawnWorker(command: WorkerCommand, path: string): Promise<ChildProcess> {
  const log = await openLog(path);
  try {
    const child = spawn(process.execPath, command.program, {
      cwd: command.stateRoot, // this folder stays; the one that the user called from may not
      env: { ...command.env },
      stdio: ['ignore', log.fd, log.fd],
      detached: true,
    });
    child.unref();
    child.on('error', () => {}); // the missing pid tells of it; unhandled, the event would end this process
    return child;
  } finally {
    await log.close();
  }
}

async function untilReady({ stateRoot, isRight, signal }: WorkerCommand, child: ChildProcess): Promise<WorkerRecord> {
  const deadline = performance.now() + readyTimeoutMs;
  for (;;) {
    signal.throwIfAborted();
    const ready = await runningWorker(stateRoot);
    if (ready && isRight(ready)) return ready;
    if (child.pid === undefined) throw new WorkerUnavailable(`the worker can't be run: ${process.execPath}`);
    if (hasEnded(child) && !(await isAnotherStarting(stateRoot))) {
      throw new WorkerUnavailable(`the worker ended with ${child.exitCode ?? child.signalCode} before it was ready`);
    }
    if (performance.now() > deadline)
      throw new WorkerUnavailable(`no worker was ready within ${readyTimeoutMs / 1000} s`);
    await sleep(50);
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function isAnotherStarting(stateRoot: string): Promise<boolean> {
  return (await presentIn(workerLock(stateRoot))).some((note) => note.holds);
}
