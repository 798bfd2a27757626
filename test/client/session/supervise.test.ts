import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { connectTemporal, type Temporal } from '../../../client/temporal/connect.ts';
import { nextPauseMs } from '../../../client/session/keeper.ts';
import { presentIn } from '../../../client/state/presence.ts';
import { endProcess, isRunning, type ProcessIdentity } from '../../../client/state/process-identity.ts';
import { readServerRecord, runningWorker } from '../../../client/state/running.ts';
import { serversOn } from '../../../client/temporal/server-process.ts';
import { runningServer } from '../../../client/temporal/server.ts';
import { supervise, type Supervision } from '../../../client/session/supervise.ts';
import { endWorkers, workerLock } from '../../../client/session/worker-process.ts';
import { fixture, output, run, until } from '../fixtures/run.ts';

const shared = inject('temporal');
let stateRoot: string;
let lines: string[];
let supervisions: Supervision[];
let connections: Temporal[];
beforeEach(async () => {
  stateRoot = await mkdtemp(join(tmpdir(), 'millrace-supervise-'));
  lines = [];
  supervisions = [];
  connections = [];
});
afterEach(async () => {
  for (const supervision of supervisions) await supervision.stop();
  for (const connection of connections) await connection.close();
  await endWorkers(stateRoot);
  for (const server of await serversOn(stateRoot)) await endProcess(server, 0);
  await rm(stateRoot, { recursive: true, force: true });
});

interface Variation {
  readonly env?: Record<string, string | undefined>;
  readonly build?: string;
  readonly signal?: AbortSignal;
}

async function begin({ env: extra, build = 'test', signal }: Variation = {}): Promise<Supervision> {
  const env = { ...process.env, FIXTURE_BUILD: build, ...extra };
  const progress = (line: string) => void lines.push(line);
  const temporal = await connectTemporal({ stateRoot, env, progress, start: true });
  connections.push(temporal);
  const options = { stateRoot, env, progress, temporal, build, program: fixture('worker') };
  const supervision = await supervise(signal ? { ...options, signal } : options);
  supervisions.push(supervision);
  return supervision;
}

const external = () => begin({ env: { TEMPORAL_ADDRESS: shared!.address } });

async function anotherWorker(than: ProcessIdentity): Promise<ProcessIdentity> {
  return until('another worker is ready', async () => {
    const worker = await runningWorker(stateRoot);
    return worker && worker.pid !== than.pid && worker;
  });
}

test.each([
  [0, 0, 1_000],
  [1_000, 500, 2_000],
  [16_000, 0, 30_000],
  [30_000, 59_999, 30_000],
  [30_000, 60_000, 1_000],
])('after a pause of %i ms and a life of %i ms the next pause is %i ms', (last, lived, next) => {
  expect(nextPauseMs(last, lived)).toBe(next);
});

describe.skipIf(!shared)('a supervised worker', () => {
  test('runs before the client goes on, in a process group of its own, and nothing is left after the stop', async () => {
    const supervision = await begin();
    const worker = (await runningWorker(stateRoot))!;
    const server = (await readServerRecord(stateRoot))!;
    expect(worker).toMatchObject({ build: 'test', address: server.address, namespace: 'default' });
    expect(() => process.kill(-worker.pid, 0)).not.toThrow(); // it leads a group
    const told = await readFile(join(stateRoot, 'logs', 'worker.log'), 'utf8');
    expect(told).toContain('{"temporal":["TEMPORAL_ADDRESS","TEMPORAL_NAMESPACE"]}');
    await supervision.stop();
    expect(await isRunning(worker)).toBe(false);
    expect(await isRunning(server)).toBe(false);
    for (const lock of await readdir(join(stateRoot, 'locks'))) {
      expect(await readdir(join(stateRoot, 'locks', lock))).toEqual([]);
    }
  });

  test('is replaced when it is killed', async () => {
    await external();
    const first = (await runningWorker(stateRoot))!;
    await endProcess(first, 0);
    await anotherWorker(first);
    await until('the restart is told', async () => lines.includes('the worker runs again'));
    expect(lines).toContain('the worker is gone; starting it again in 1 s');
  });

  test('gets its server back on the same address when that is killed', async () => {
    await begin();
    const worker = (await runningWorker(stateRoot))!;
    const first = (await readServerRecord(stateRoot))!;
    await endProcess(first, 0);
    const second = await until('the server is back', () => runningServer(stateRoot, 0));
    expect(second.address).toBe(first.address);
    expect(second.pid).not.toBe(first.pid);
    expect(await isRunning(worker)).toBe(true);
  });

  test('that a killed client left behind is taken over, with its server', async () => {
    const client = run(fixture('supervise', stateRoot));
    const done = output(client);
    const left = await until('the worker is ready', () => runningWorker(stateRoot));
    client.kill('SIGKILL');
    await done;
    const server = (await readServerRecord(stateRoot))!;
    const supervision = await begin();
    expect((await runningWorker(stateRoot))!.pid).toBe(left.pid);
    await supervision.stop();
    expect(await isRunning(left)).toBe(false);
    expect(await isRunning(server)).toBe(false);
  });

  test('of other code is replaced', async () => {
    const client = run(fixture('supervise', stateRoot));
    const done = output(client);
    const old = await until('the worker is ready', () => runningWorker(stateRoot));
    client.kill('SIGKILL');
    await done;
    await begin({ build: 'newer' });
    expect(await isRunning(old)).toBe(false);
    expect(await runningWorker(stateRoot)).toMatchObject({ build: 'newer' });
  });

  test('of other code that another client keeps is not fought over: the second client says whose it is', async () => {
    await external();
    const kept = (await runningWorker(stateRoot))!;
    const refused = begin({ env: { TEMPORAL_ADDRESS: shared!.address }, build: 'newer' });
    await expect(refused).rejects.toThrow(new RegExp(`process ${kept.pid}.*another version[^]*Ctrl-C`));
    expect(await isRunning(kept)).toBe(true);
  });

  test('that a killed client had started and that never got ready is ended before the next', async () => {
    const client = run(fixture('supervise', stateRoot), { ...process.env, FIXTURE_WORKER: 'never-ready' });
    const done = output(client);
    const [orphan] = await until('the worker holds its lock', async () => {
      const holders = (await presentIn(workerLock(stateRoot))).filter((note) => note.holds);
      return holders.length > 0 && holders;
    });
    client.kill('SIGKILL');
    await done;
    await begin();
    expect(await isRunning(orphan!)).toBe(false);
    expect((await runningWorker(stateRoot))!.pid).not.toBe(orphan!.pid);
  });

  test('that is given up before it is ready leaves no process', async () => {
    const giveUp = new AbortController();
    const started = begin({
      env: { TEMPORAL_ADDRESS: shared!.address, FIXTURE_WORKER: 'never-ready' },
      signal: giveUp.signal,
    });
    const [worker] = await until('the worker holds its lock', async () => {
      const holders = (await presentIn(workerLock(stateRoot))).filter((note) => note.holds);
      return holders.length > 0 && holders;
    });
    giveUp.abort(new Error('Ctrl-C'));
    await expect(started).rejects.toThrow('Ctrl-C');
    expect(await isRunning(worker!)).toBe(false);
  });

  test('is shared by two clients: the end of the first leaves both processes to the second', async () => {
    const first = await begin();
    const worker = (await runningWorker(stateRoot))!;
    const server = (await readServerRecord(stateRoot))!;
    const second = await begin();
    await first.stop();
    expect(await isRunning(worker)).toBe(true);
    await endProcess(worker, 0); // and the second looks after them now
    const next = await anotherWorker(worker);
    await second.stop();
    expect(await isRunning(next)).toBe(false);
    expect(await isRunning(server)).toBe(false);
  });

  test('whose two clients stop at the same moment is not forgotten', async () => {
    const both = [await external(), await external()];
    const worker = (await runningWorker(stateRoot))!;
    await Promise.all(both.map((supervision) => supervision.stop()));
    expect(await isRunning(worker)).toBe(false);
  });

  test('that does not get ready fails the start, with its last words', async () => {
    const failure = await begin({ env: { TEMPORAL_ADDRESS: shared!.address, FIXTURE_WORKER: 'crash' } }).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ name: 'WorkerUnavailable' });
    expect(String(failure)).toContain('ended with 1 before it was ready');
    expect(String(failure)).toContain('worker.log');
    expect(await readFile(join(stateRoot, 'logs', 'worker.log'), 'utf8')).toContain('the worker fell over');
  });
});
