import { Connection } from '@temporalio/client';
import type { ChildProcess } from 'node:child_process';
import { access, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stateLayout } from '../../workflows/domain/host/layout.ts';
import { logSize, logTail } from '../state/log.ts';
import { registerSearchAttributes, setRetention, untilSearchable } from './namespace.ts';
import { choosePort, isListening, uiOffset } from './port.ts';
import { endProcess, identifyProcess } from '../state/process-identity.ts';
import { readServerRecord, writeServerRecord, type ServerRecord } from '../state/running.ts';
import { spawnServer } from './server-process.ts';
import type { Progress } from '../state/folders.ts';
import type { TemporalCli } from './installed.ts';
import { TemporalUnavailable } from './unavailable.ts';

/** The namespace that the dev server makes by itself. */
export const embeddedNamespace = 'default';

/** Seen: 0.3 to 0.7 s; the rest is for a machine that is busy or just waking up. */
export const startTimeoutMs = 60_000;

/** Seen: 1.0 to 2.2 s. */
export const stopGraceMs = 10_000;

/** A port can be taken between our look and the server's bind. */
const startAttempts = 3;

/**
 * Starts a server and waits until it is usable; the caller holds the lock and has seen that no other one runs.
 * @throws TemporalUnavailable `start-failed` with the server's last words.
 */
export async function startServer(root: string, cli: TemporalCli, progress: Progress): Promise<ServerRecord> {
  const database = stateLayout(root).temporal(cli.version);
  const last = await readServerRecord(root);
  // The server never migrates its file, so that another version starts on another one.
  if (last && last.cliVersion !== cli.version) {
    progress(`Temporal ${cli.version} starts with a history of its own; that of ${last.cliVersion} is kept in ${root}`);
  }
  for (let attempt = 1; ; attempt++) {
    await discardHalfMade(database);
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

/** Waits for port, namespace, retention, search attributes and a list: a server can have the first and fail the last. */
async function untilUsable(child: ChildProcess, address: string): Promise<void> {
  const deadline = performance.now() + startTimeoutMs;
  const port = Number(address.split(':')[1]);
  while (!(await isListening(port)) || !(await answers(address))) {
    requireRunning(child);
    if (performance.now() > deadline) throw new Error(`no answer within ${startTimeoutMs / 1000} s`);
    await sleep(20);
  }
  const connection = await Connection.connect({ address, connectTimeout: '5s' });
  try {
    const handle = { connection, namespace: embeddedNamespace };
    await setRetention(handle);
    await registerSearchAttributes(handle);
    await untilSearchable(handle, 10_000);
    requireRunning(child); // otherwise a stranger answered, on a port that was taken meanwhile
  } finally {
    await connection.close();
  }
}

function requireRunning(child: ChildProcess): void {
  if (child.pid === undefined) throw new Error('it cannot be run');
  if (child.exitCode !== null || child.signalCode !== null) {
    throw new Error(`it ended with ${child.exitCode ?? child.signalCode}`);
  }
}

/** Whether a Temporal server with our namespace is there; at most 2 s. */
export async function answers(address: string): Promise<boolean> {
  // A connection to a closed port waits for its whole timeout; a look at the port costs nothing.
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

/** Deletes what a killed first start left: its server would answer but not list, and the file holds nothing yet. */
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
