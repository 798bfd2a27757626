import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stateLayout } from '../../workflows/domain/host/layout.ts';
import { workerEnvironment, type TemporalTarget } from '../temporal/connect.ts';
import { createKeeper } from './keeper.ts';
import { tryLock, type Lock } from '../state/lock.ts';
import { announce, presentIn, withdraw } from '../state/presence.ts';
import { isRunning } from '../state/process-identity.ts';
import { readServerRecord, runningWorker, type WorkerRecord } from '../state/running.ts';
import { ensureServer, runningServer, stopServer } from '../temporal/server.ts';
import { ensureFolder, type Environment, type Progress } from '../state/folders.ts';
import { endWorkers, startWorker, WorkerUnavailable, workerProgram } from './worker-process.ts';

/** How often we check that server and worker are alive. */
const lookEveryMs = 500;

/** How long another client may take to bring both up; fetching the CLI on a slow line takes longest. */
const othersTimeoutMs = 600_000;

/** Another client gives a worker of other code 25 s to end; one that is still there after this time is not being replaced. */
const replacedWithinMs = 30_000;

/** What is kept running, and for whom. */
export interface SuperviseOptions {
  readonly stateRoot: string;
  readonly env: Environment;
  readonly progress: Progress;
  readonly temporal: TemporalTarget;
  /** The code that the worker has to run, as `worker.json` names it; a worker of other code is replaced. */
  readonly build: string;
  /** Aborts the start (Ctrl-C before there is anything to stop); use `stop` afterwards. */
  readonly signal?: AbortSignal;
  /** Node arguments for a worker program other than ours. */
  readonly program?: readonly string[];
}

/** A worker, and the embedded server below it, kept alive while this process lives. */
export interface Supervision {
  /**
   * Ends the worker (SIGTERM, 25 s, SIGKILL), then the embedded server. Leaves both running if another
   * client still uses them; that client takes over.
   */
  stop(): Promise<void>;
  /** Pids of other clients that use them too; while one of those lives, both outlive this client. */
  otherKeepers(): Promise<readonly number[]>;
}

/**
 * Keeps a worker and the embedded server running; returns once a worker is ready. One client per state folder does this;
 * the others wait to take over, so that neither its end nor its death stops their work.
 * @throws WorkerUnavailable when no worker gets ready the first time. @throws TemporalUnavailable likewise. @throws the signal's reason.
 */
export async function supervise(options: SuperviseOptions): Promise<Supervision> {
  const stateRoot = await realpath(await ensureFolder(options.stateRoot));
  const { locks } = stateLayout(stateRoot);
  const clients = join(locks, 'clients');
  const stopping = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stopping.signal]) : stopping.signal;
  const { server, worker, isReady } = createKeepers({ ...options, stateRoot }, signal);
  const presence = await announce(clients);
  let lock: Lock | null = null;

  const takeOver = async () => (lock ??= await tryLock(join(locks, 'supervisor')));
  const begin = async () => {
    const deadline = performance.now() + othersTimeoutMs;
    let strangeSince = Infinity;
    while (!(await takeOver())) {
      signal.throwIfAborted();
      if (await isReady()) return;
      const strange = await runningWorker(stateRoot);
      strangeSince = strange ? Math.min(strangeSince, performance.now()) : Infinity;
      if (strange && performance.now() - strangeSince > replacedWithinMs) throw new WorkerUnavailable(wordsOf(strange));
      if (performance.now() > deadline)
        throw new WorkerUnavailable(`another millrace on ${stateRoot} brought up no worker`);
      await sleep(100);
    }
    await server.begin();
    await worker.begin();
  };
  const leave = async () => {
    await withdraw(presence);
    const isAlone = async () => (await presentIn(clients)).length === 0;
    for (let held = await takeOver(); held; held = await takeOver()) {
      const alone = await isAlone();
      if (alone) await endBoth(stateRoot, options.temporal);
      lock = null;
      await held.release();
      // A client that left between our look and our release could not take over, so we have to end both.
      if (alone || !(await isAlone())) return;
    }
  };
  const repeat = async (step: () => Promise<unknown>) => {
    while (!stopping.signal.aborted) {
      await step().catch((error: unknown) =>
        options.progress(`cannot look after ${stateRoot}, and tries again: ${String(error)}`),
      );
      await sleep(lookEveryMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
  };

  try {
    await begin();
  } catch (error) {
    await leave();
    throw error;
  }
  // Separate loops: a slow worker must not keep the server down.
  const watching = Promise.all([
    repeat(takeOver),
    repeat(async () => lock && server.look()),
    repeat(async () => lock && worker.look()),
  ]);
  return {
    async otherKeepers() {
      const others = (await presentIn(clients)).filter(({ path }) => path !== presence.path);
      return others.map(({ pid }) => pid);
    },
    async stop() {
      stopping.abort(new Error('the client stops'));
      await watching;
      await leave();
    },
  };
}

function wordsOf({ pid, address, namespace }: WorkerRecord): string {
  return [
    `Another millrace keeps a worker (process ${pid}) of another version, or for another Temporal: ${address}, ${namespace}.`,
    'End it by Ctrl-C where `millrace up` or `start-batch` runs, or use that one; nothing is lost. Then try again.',
  ].join('\n');
}

function createKeepers(options: SuperviseOptions, signal: AbortSignal) {
  const { stateRoot, env, progress, build } = options;
  let target = options.temporal;
  const isRight = (record: WorkerRecord) =>
    record.build === build && record.address === target.address && record.namespace === target.namespace;
  const isReady = async () => {
    const running = await runningWorker(stateRoot);
    return running !== null && isRight(running);
  };

  const server = {
    name: 'the Temporal server',
    async isWell() {
      if (!target.embedded) return true;
      const record = await readServerRecord(stateRoot);
      if (!record || !(await isRunning(record))) return false;
      target = { ...target, address: record.address }; // a new port means a new worker
      return true;
    },
    async start() {
      await ensureServer({ stateRoot, env, progress });
    },
  };
  /** Waits for the server: a worker that finds none ends at once, and the pause before its next start grows. */
  const untilServed = async () => {
    while (target.embedded) {
      const running = await runningServer(stateRoot, 0);
      if (running) {
        target = { ...target, address: running.address };
        return;
      }
      signal.throwIfAborted();
      await sleep(100);
    }
  };
  const worker = {
    name: 'the worker',
    isWell: isReady,
    async start() {
      await endWorkers(stateRoot); // one that runs other code, or polls another Temporal
      await untilServed();
      const program = options.program ?? workerProgram();
      await startWorker({ stateRoot, env: workerEnvironment(target, stateRoot, env), program, isRight, signal });
    },
  };
  return { server: createKeeper(server, progress), worker: createKeeper(worker, progress), isReady };
}

async function endBoth(stateRoot: string, temporal: TemporalTarget): Promise<void> {
  await endWorkers(stateRoot);
  if (temporal.embedded) await stopServer(stateRoot);
}
