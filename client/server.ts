import { Connection } from '@temporalio/client';
import type { ChildProcess } from 'node:child_process';
import { access, realpath, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stateLayout } from '../workflows/domain/layout.ts';
import { acquireLock } from './lock.ts';
import { logSize, logTail } from './log.ts';
import { registerSearchAttributes, setRetention, untilSearchable } from './namespace.ts';
import { choosePort, isListening, uiOffset } from './port.ts';
import { endProcess, identifyProcess, isAlive } from './process-identity.ts';
import { readServerRecord, writeServerRecord, type ServerRecord } from './record.ts';
import { serversOn, spawnServer } from './server-process.ts';
import { ensureFolder, type Environment, type Progress } from './state.ts';
import { resolveTemporalCli } from './temporal-cli.ts';
import type { TemporalCli } from './temporal-installed.ts';
import { TemporalUnavailable } from './temporal-unavailable.ts';

/** The namespace that the dev server makes by itself. */
export const embeddedNamespace = 'default';

/** Seen: 0.3 to 0.7 s; the rest is for a machine that is busy or just waking up. */
const startTimeoutMs = 60_000;

/** Another process starts the server meanwhile: its start, and ours after it if that fails. */
const lockTimeoutMs = 2 * startTimeoutMs + 30_000;

/** Seen: 1.0 to 2.2 s. */
const stopGraceMs = 10_000;

/** A server that lives and is silent may be under load or just have been woken: patience before it is replaced. */
const silenceMs = 15_000;

/** A port can be taken between our look and the server's bind. */
const startAttempts = 3;

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
    return server(await start(root, cli), true);
  } finally {
    await lock.release();
  }
}

/** The server that runs on a state folder and answers within `waitMs`; null when there is none. */
export async function runningServer(stateRoot: string, waitMs = 3_000): Promise<ServerRecord | null> {
  const record = await readServerRecord(stateRoot);
  if (!record || !(await isAlive(record))) return null;
  const deadline = performance.now() + waitMs;
  do {
    if (await answers(record.address)) return record;
    await sleep(50);
  } while (performance.now() < deadline && (await isAlive(record)));
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

async function start(root: string, cli: TemporalCli): Promise<ServerRecord> {
  const database = stateLayout(root).temporal(cli.version);
  await discardHalfMade(database);
  const last = await readServerRecord(root);
  for (let attempt = 1; ; attempt++) {
    const port = await choosePort(attempt === 1 && last ? Number(last.address.split(':')[1]) : null, 2_000);
    try {
      const record = await startOn({ root, cli, database, port });
      await writeFile(marker(database), '', { mode: 0o600 });
      await writeServerRecord(root, record);
      return record;
    } catch (error) {
      if (attempt === startAttempts || !(error instanceof PortTaken)) throw error;
    }
  }
}

interface StartInput {
  readonly root: string;
  readonly cli: TemporalCli;
  readonly database: string;
  readonly port: number;
}

class PortTaken extends TemporalUnavailable {}

async function startOn({ root, cli, database, port }: StartInput): Promise<ServerRecord> {
  const log = join(stateLayout(root).logs, 'temporal.log');
  const from = await logSize(log);
  const child = await spawnServer({ cli, port, database, log });
  const identity = child.pid === undefined ? null : await identifyProcess(child.pid);
  try {
    const address = `127.0.0.1:${port}`;
    await untilUsable(child, address);
    if (!identity) throw new Error('it has no process');
    return { ...identity, address, ui: `http://127.0.0.1:${port + uiOffset}`, cliVersion: cli.version };
  } catch (error) {
    if (identity) await endProcess(identity, stopGraceMs);
    const tail = await logTail(log, from);
    const Failure = tail.includes('address already in use') ? PortTaken : TemporalUnavailable;
    throw new Failure(
      'start-failed',
      `the embedded Temporal server (${cli.path}) did not come up: ${error instanceof Error ? error.message : String(error)}\n` +
        `${tail}\nIts log is ${log}. If its database is broken, put ${database}* aside: git and the forge hold the work.`,
      { cause: error },
    );
  }
}

/** Port, namespace, retention, search attributes, a list that answers: a server can do the first and fail the last. */
async function untilUsable(child: ChildProcess, address: string): Promise<void> {
  const deadline = performance.now() + startTimeoutMs;
  const port = Number(address.split(':')[1]);
  while (!(await isListening(port)) || !(await answers(address))) {
    if (child.pid === undefined) throw new Error('it can not be run');
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`it ended with ${child.exitCode ?? child.signalCode}`);
    }
    if (performance.now() > deadline) throw new Error(`no answer within ${startTimeoutMs / 1000} s`);
    await sleep(20);
  }
  const connection = await Connection.connect({ address, connectTimeout: '5s' });
  try {
    const handle = { connection, namespace: embeddedNamespace };
    await setRetention(handle);
    await registerSearchAttributes(handle);
    await untilSearchable(handle, 10_000);
  } finally {
    await connection.close();
  }
}

async function answers(address: string): Promise<boolean> {
  // A closed port costs the connection its whole timeout, a look at it nothing.
  if (!(await isListening(Number(address.split(':')[1])))) return false;
  const connection = Connection.lazy({ address });
  try {
    await connection.withDeadline(Date.now() + 2_000, () =>
      connection.workflowService.describeNamespace({ namespace: embeddedNamespace }),
    );
    return true;
  } catch {
    return false;
  } finally {
    await connection.close();
  }
}

/** Servers on our files that no record vouches for, or that are silent: ending them loses nothing, a second one would. */
async function endLeftovers(root: string, progress: Progress): Promise<void> {
  for (const leftover of await serversOn(root)) {
    progress(`ending a Temporal server that was left behind half started or silent (process ${leftover.pid})`);
    await endProcess(leftover, stopGraceMs);
  }
}

/** A first start that was killed leaves a file that answers and can't list; it holds nothing yet. */
async function discardHalfMade(database: string): Promise<void> {
  const complete = await access(marker(database)).then(
    () => true,
    () => false,
  );
  if (complete) return;
  for (const suffix of ['', '-wal', '-shm']) await rm(`${database}${suffix}`, { force: true });
}

function marker(database: string): string {
  return `${database}.complete`;
}
