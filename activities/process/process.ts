import { spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { bestContainment, containedBy, type Containment } from './containment.ts';
import { endFamily } from './end.ts';
import { createOutput, type OutputCaps, type OutputStream } from './output.ts';
import { createStop, type Stop } from './stop.ts';
import { identify, type ProcessId } from './table.ts';

/** A program, its limits, and who hears of its output. */
export interface ProcessSpec {
  /** Started as it is, without a shell. */
  readonly argv: readonly string[];
  /** Whatever still works in or below this folder when the program has ended is ended too. */
  readonly cwd: string;
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Longest run, milliseconds. */
  readonly wallMs: number;
  /** Longest silence on both streams, milliseconds; absent: none. */
  readonly idleMs?: number;
  /** From SIGTERM to SIGKILL, milliseconds. */
  readonly graceMs?: number;
  readonly signal?: AbortSignal;
  readonly caps?: Partial<OutputCaps>;
  /** Default: the best that this host can do. */
  readonly containment?: Containment;
  /** Called before the program gets its input: the moment to write down who it is. */
  readonly onStart?: (id: ProcessId) => void | Promise<void>;
  readonly onLine?: (line: string, stream: OutputStream) => void;
  /** Called after the lines of a chunk; nothing more is read until its promise has settled. */
  readonly onBytes?: (chunk: Buffer, stream: OutputStream) => void | Promise<void>;
}

/** Why a run ended: what stopped it first counts, not how its exit looked. */
export type ProcessEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signalled'; readonly signal: string }
  | { readonly kind: 'timed-out'; readonly limit: 'wall' | 'idle' }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'output-limit' }
  | NotStarted;

/** No program ran. */
export interface NotStarted {
  readonly kind: 'not-started';
  readonly code: string;
  readonly problem: string;
  /** It is on no folder of PATH. Left out: something else is wrong. */
  readonly notOnPath?: true;
}

/** How a program ended, and what is left of it. */
export interface ProcessResult {
  readonly end: ProcessEnd;
  readonly durationMs: number;
  /** Of both streams, including what was dropped. */
  readonly bytes: number;
  /** The last 16 KB of standard error. */
  readonly stderr: string;
  /** Processes of the run that could not be ended; empty unless one hangs in the kernel. */
  readonly survivors: readonly number[];
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

const DEFAULT_GRACE_MS = 5_000;

/** Shorter: what a program left behind when it ended by itself has had its chance. */
const LEFTOVER_GRACE_MS = 1_000;

/** Longest wait for the pipes once no process that we know of can write to them. */
const DRAIN_MS = 1_000;

/** Runs a program to its end and ends its whole process tree with it, whatever the reason. */
export async function runProcess(spec: ProcessSpec): Promise<ProcessResult> {
  const startedAt = performance.now();
  const notStarted = (why: Omit<NotStarted, 'kind'>): ProcessResult => ({
    end: { kind: 'not-started', ...why },
    durationMs: Math.round(performance.now() - startedAt),
    bytes: 0,
    stderr: '',
    survivors: [],
  });
  if (spec.signal?.aborted) return { ...notStarted({ code: '', problem: '' }), end: { kind: 'cancelled' } };
  if (!existsSync(spec.cwd)) return notStarted({ code: 'ENOENT', problem: `the folder ${spec.cwd} does not exist` });
  const folder = realpathSync(spec.cwd);
  const contained = containedBy(spec.containment ?? bestContainment(), { ...spec, cwd: folder });
  const child = start({ ...spec, argv: contained ?? spec.argv });
  if (child instanceof Error) return notStarted({ code: codeOf(child), problem: child.message });
  const { pid } = child;
  if (pid === undefined) return notStarted(await startProblem(child, spec));
  const leader = identifyOrEnd(child, pid);
  const exit = exitOf(child);

  const stop = createStop(spec);
  const output = createOutput(spec, stop.because);
  const reading = [output.read(child.stdout, 'stdout'), output.read(child.stderr, 'stderr')];
  stop.watch(() => output.lastByteAt());
  try {
    await spec.onStart?.(leader);
    child.stdin.end(spec.stdin ?? '');
    const stopped = await Promise.race([exit, stop.reached]);
    const graceMs = graceFor(stopped, spec);
    const survivors = await endFamily({ leader, folder, graceMs, isWrapped: contained !== null });
    await Promise.race([Promise.all(reading), sleep(DRAIN_MS, undefined, { ref: false })]);
    if (output.fault() !== null) throw output.fault();
    return {
      end: typeof stopped === 'string' ? endOf(stopped, stop.limit()) : stopped,
      durationMs: Math.round(performance.now() - startedAt),
      bytes: output.bytes(),
      stderr: output.stderr(),
      survivors,
    };
  } catch (error) {
    await endFamily({ leader, folder, graceMs: 0 }); // a callback threw: that is a bug, but it must not leave a process
    throw error;
  } finally {
    stop.close();
    child.stdin.destroy();
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

function start(spec: ProcessSpec): Child | Error {
  const [command, ...args] = spec.argv;
  if (!command) return Object.assign(new Error('the command is empty'), { code: 'ENOENT' });
  try {
    const child = spawn(command, args, {
      cwd: spec.cwd,
      env: { ...spec.env },
      detached: true, // a group of its own, so that one signal reaches what it started
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stdin.on('error', () => {}); // a program may end without reading its input
    return child;
  } catch (error) {
    if (error instanceof Error) return error; // an argument with a NUL, or a list that is too long
    throw error;
  }
}

async function startProblem(child: ChildProcess, spec: ProcessSpec): Promise<Omit<NotStarted, 'kind'>> {
  const error = await new Promise<Error>((resolve) => child.once('error', resolve));
  const code = codeOf(error);
  const [program = ''] = spec.argv;
  if (code !== 'ENOENT') return { code, problem: error.message };
  if (program.includes('/')) return { code, problem: `there is no program ${program}` };
  return { code, problem: `no program ${program} on PATH`, notOnPath: true };
}

function codeOf(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown';
}

/** Right after the start: once waited for, a process has no start time. @throws where we cannot look; the program has not begun then. */
function identifyOrEnd(child: Child, pid: number): ProcessId {
  try {
    return identify(pid);
  } catch (error) {
    process.kill(-pid, 'SIGKILL'); // nobody has waited for it yet, so the pid is still its own, and it is alone in its group
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
    throw error;
  }
}

function exitOf(child: ChildProcess): Promise<Extract<ProcessEnd, { kind: 'exited' | 'signalled' }>> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      resolve(code === null ? { kind: 'signalled', signal: signal ?? 'unknown' } : { kind: 'exited', code });
    });
  });
}

function graceFor(stopped: ProcessEnd | Stop, spec: ProcessSpec): number {
  if (typeof stopped !== 'string') return LEFTOVER_GRACE_MS;
  return stopped === 'output-limit' ? 0 : (spec.graceMs ?? DEFAULT_GRACE_MS);
}

function endOf(stop: Stop, limit: 'wall' | 'idle'): ProcessEnd {
  return stop === 'timed-out' ? { kind: stop, limit } : { kind: stop };
}
