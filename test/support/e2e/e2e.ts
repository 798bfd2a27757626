import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { listProcesses, processesBelow } from '../../../activities/process/table.ts';
import { isRunning } from '../../../client/state/process-identity.ts';
import {
  readServerRecord,
  runningWorker,
  type ServerRecord,
  type WorkerRecord,
} from '../../../client/state/running.ts';
import { stopServer } from '../../../client/temporal/server.ts';
import { cacheRoot } from '../../../client/state/folders.ts';
import { endWorkers } from '../../../client/session/worker-process.ts';
import { builtMain } from './built.ts';
import { startProgram, type Ran, type Running } from './program.ts';

/** Millrace as a person has it: the real command line over a state folder of its own, with real processes below it. */
export interface Home {
  /** Temporary folder that holds the state and everything that a suite makes. */
  readonly root: string;
  readonly state: string;
  /** Environment of every command: this process's without its Temporal, npm and home, and with the state folder. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs a verb to its end. */
  run(args: readonly string[], options?: RunOptions): Promise<Ran>;
  /** Starts a verb; whoever started it ends it, or `remove` does. */
  begin(args: readonly string[], options?: RunOptions): Running;
  /** `millrace up`, once its worker is ready: commands that follow find both running, and start in a second. */
  up(env?: Readonly<Record<string, string>>): Promise<Running>;
  /** The worker that is ready; null: none lives. */
  worker(): Promise<WorkerRecord | null>;
  /** The embedded server; null: none lives. */
  server(): Promise<ServerRecord | null>;
  /** Pids of all that works in a folder below the root, the worker included. */
  processes(): readonly number[];
  /** Ends everything, then removes the folder. @throws Error when a process had been left behind. */
  remove(): Promise<void>;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Longest run, default 120 s: then it is killed, and the test fails with what it said. */
  readonly withinMs?: number;
}

export interface HomeOptions {
  /** `sweep`: without pid namespaces; left out: as a person has it, by the best that this machine can do. */
  readonly containment?: 'sweep';
}

/** Makes a state folder that nothing else uses; starts nothing. */
export async function createHome({ containment }: HomeOptions = {}): Promise<Home> {
  const main = await builtMain();
  const root = await realpath(await mkdtemp(join(tmpdir(), 'millrace-e2e-')));
  const state = join(root, 'state');
  const home = join(root, 'home');
  await mkdir(home);
  // A home of its own: what is installed here may be asked for its login, and that of a person is none of a test's.
  // What was fetched once is still found.
  const env = {
    ...ownEnvironment(),
    MILLRACE_STATE: state,
    HOME: home,
    XDG_CACHE_HOME: dirname(cacheRoot(process.env)),
    ...(containment ? { MILLRACE_CONTAINMENT: containment } : {}),
  };
  const begun: Running[] = [];

  const begin = (args: readonly string[], options: RunOptions = {}): Running => {
    const running = startProgram({
      argv: [process.execPath, main, ...args],
      cwd: options.cwd ?? root,
      env: { ...env, ...options.env },
      withinMs: options.withinMs ?? 120_000,
    });
    begun.push(running);
    return running;
  };
  const server = async () => {
    const record = await readServerRecord(state);
    return record && (await isRunning(record)) ? record : null;
  };

  return {
    root,
    state,
    env,
    begin,
    server,
    run: (args, options) => begin(args, options).ended,
    async up(more = {}) {
      const running = begin(['up'], { env: more, withinMs: 900_000 });
      await running.said('A worker runs', 120_000);
      return running;
    },
    worker: () => runningWorker(state),
    processes: () => processesBelow(root, listProcesses()).map((entry) => entry.pid),
    async remove() {
      for (const running of begun) running.signal('SIGINT');
      await Promise.all(begun.map((running) => running.ended));
      await endWorkers(state);
      await stopServer(state);
      const left = processesBelow(root, listProcesses());
      for (const { pid } of left) process.kill(pid, 'SIGKILL');
      await rm(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
      if (left.length > 0) throw new Error(`processes ${left.map(({ pid }) => pid).join(', ')} were left behind`);
    },
  };
}

/** A test runs under npm, and perhaps beside a person's Temporal: none of that is the user's of these tests. */
function ownEnvironment(): Record<string, string> {
  const foreign =
    /^(TEMPORAL_|VITEST|npm_|MILLRACE_STATE$|MILLRACE_SLOTS$|MILLRACE_CONTAINMENT$|INIT_CWD$|NODE_ENV$|NODE_OPTIONS$)/;
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined || foreign.test(name) ? [] : [[name, value]],
    ),
  );
}
