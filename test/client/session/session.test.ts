import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { endProcess, isRunning } from '../../../client/state/process-identity.ts';
import { readServerRecord, runningWorker } from '../../../client/state/running.ts';
import { serversOn } from '../../../client/temporal/server-process.ts';
import { ensureServer } from '../../../client/temporal/server.ts';
import { lookingSession, workingSession } from '../../../client/session/session.ts';
import { endWorkers } from '../../../client/session/worker-process.ts';

let stateRoot: string;
beforeEach(async () => void (stateRoot = await mkdtemp(join(tmpdir(), 'millrace-session-'))));
afterEach(async () => {
  await endWorkers(stateRoot);
  for (const server of await serversOn(stateRoot)) await endProcess(server, 0);
  await rm(stateRoot, { recursive: true, force: true });
});

const input = () => ({ env: { ...process.env, MILLRACE_STATE: stateRoot }, progress: () => {} });
const serverLives = async () => isRunning((await readServerRecord(stateRoot))!);

describe.skipIf(inject('temporal') === null)('a session', { timeout: 120_000 }, () => {
  test('for looking leaves the server to another look, the last of which takes it away', async () => {
    const first = await lookingSession(input());
    const second = await lookingSession(input());
    expect([first.started, second.started]).toEqual([true, false]);
    await first.end();
    await second.connection.workflowService.describeNamespace({ namespace: second.namespace });
    await second.end();
    expect(await serverLives()).toBe(false);
  });

  test('for looking leaves alone a server that was there before', async () => {
    await ensureServer({ stateRoot, ...input() });
    await (await lookingSession(input())).end();
    expect(await serverLives()).toBe(true);
  });

  test('for looking takes its server away also where its connection does not close', async () => {
    const session = await lookingSession(input());
    const close = session.connection.close.bind(session.connection);
    session.connection.close = () => close().then(() => Promise.reject(new Error('does not close')));
    await expect(session.end()).rejects.toThrow('does not close');
    expect(await serverLives()).toBe(false);
  });

  test('for looking whose server cannot be noted says why, and leaves no server behind', async () => {
    await mkdir(join(stateRoot, 'visited')); // a folder where the note should be
    await expect(lookingSession(input())).rejects.toThrow('EISDIR');
    expect(await serverLives()).toBe(false);
  });

  test('for looking starts a worker once there is something to do, and takes both away with it', async () => {
    const session = await lookingSession(input());
    expect([session.workerRan, await runningWorker(stateRoot)]).toEqual([false, null]);
    await session.startWork();
    const worker = await runningWorker(stateRoot);
    await session.startWork();
    expect([worker === null, await runningWorker(stateRoot)]).toEqual([false, worker]);
    const other = await lookingSession(input());
    await other.startWork();
    expect([await session.otherKeepers(), other.workerRan]).toEqual([[process.pid], true]);
    await session.end();
    expect(await runningWorker(stateRoot)).toEqual(worker); // the other one keeps it
    await other.end();
    expect([await runningWorker(stateRoot), await serverLives()]).toEqual([null, false]);
  });

  test('for working stops its worker and server also where its connection does not close', async () => {
    const session = await workingSession(input());
    expect(await runningWorker(stateRoot)).not.toBeNull();
    const close = session.connection.close.bind(session.connection);
    session.connection.close = () => close().then(() => Promise.reject(new Error('does not close')));
    await expect(session.end()).rejects.toThrow('does not close');
    expect([await runningWorker(stateRoot), await serverLives()]).toEqual([null, false]);
  });

  test('for working that cannot begin leaves no server behind', async () => {
    await mkdir(join(stateRoot, 'locks'));
    await writeFile(join(stateRoot, 'locks', 'supervisor'), 'where a folder should be'); // so that nobody can keep a worker
    await expect(workingSession(input())).rejects.toThrow('supervisor');
    expect(await readServerRecord(stateRoot)).not.toBeNull();
    expect(await serversOn(stateRoot)).toEqual([]);
  });
});
