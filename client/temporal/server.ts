import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stateLayout } from '../../workflows/domain/host/layout.ts';
import { acquireLock } from '../state/lock.ts';
import { endProcess, isRunning } from '../state/process-identity.ts';
import { readServerRecord, type ServerRecord } from '../state/running.ts';
import { serversOn } from './server-process.ts';
import { answers, startServer, startTimeoutMs, stopGraceMs } from './server-start.ts';
import { ensureFolder, type Environment, type Progress } from '../state/folders.ts';
import { resolveTemporalCli } from './executable.ts';

/** Longest wait for another process that starts the server, and for our own start if that one fails. */
const lockTimeoutMs = 2 * startTimeoutMs + 30_000;

/** How long a live server may stay silent, under load or on a machine that just woke up, before it is replaced. */
const silenceMs = 15_000;

/** What an embedded server needs from its caller. */
export interface ServerOptions {
  readonly stateRoot: string;
  readonly env: Environment;
  readonly progress: Progress;
}

/** An embedded server that answers. */
export interface EmbeddedServer extends ServerRecord {
  /** This call started it; else it ran already. */
  readonly owned: boolean;
  /** Ends it, owned or not: SIGTERM, 10 s, SIGKILL. Its database stays. */
  stop(): Promise<void>;
}

/**
 * The one server of a state folder: a running one, also one whose starter was killed, else a new one on the same
 * database and, if they are free, the same ports.
 * @throws TemporalUnavailable when there is no executable or it does not come up.
 */
export async function ensureServer(options: ServerOptions): Promise<EmbeddedServer> {
  const root = await realpath(await ensureFolder(options.stateRoot)); // one name, however it was reached
  const running = await runningServer(root);
  if (running) return server(running, false);
  const cli = await resolveTemporalCli(options);
  const lock = await acquireLock(join(stateLayout(root).locks, 'server'), lockTimeoutMs);
  try {
    const other = await runningServer(root, silenceMs);
    if (other) return server(other, false);
    await endLeftovers(root, options.progress);
    return server(await startServer(root, cli, options.progress), true);
  } finally {
    await lock.release();
  }
}

/** The server that runs on a state folder and answers within `waitMs`; null when there is none. */
export async function runningServer(stateRoot: string, waitMs = 3_000): Promise<ServerRecord | null> {
  const record = await readServerRecord(stateRoot);
  if (!record || !(await isRunning(record))) return null;
  const deadline = performance.now() + waitMs;
  do {
    if (await answers(record.address)) return record;
    await sleep(50);
  } while (performance.now() < deadline && (await isRunning(record)));
  return null;
}

/** Ends the server of a state folder, whoever started it: SIGTERM, 10 s, SIGKILL. Its database stays. */
export async function stopServer(stateRoot: string): Promise<void> {
  const record = await readServerRecord(stateRoot);
  if (record) await endProcess(record, stopGraceMs);
}

function server(record: ServerRecord, owned: boolean): EmbeddedServer {
  return { ...record, owned, stop: () => endProcess(record, stopGraceMs) };
}

/** Ends servers on our files that no record names, or that are silent: that loses nothing, two servers on one file would. */
async function endLeftovers(root: string, progress: Progress): Promise<void> {
  for (const leftover of await serversOn(root)) {
    progress(`ending a Temporal server that was left behind half started or silent (process ${leftover.pid})`);
    await endProcess(leftover, stopGraceMs);
  }
}
