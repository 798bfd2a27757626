import { Client, Connection } from '@temporalio/client';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { access, chown, copyFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { isListening } from '../../../client/temporal/port.ts';
import { endProcess, isRunning } from '../../../client/state/process-identity.ts';
import { readServerRecord, type ServerRecord } from '../../../client/state/running.ts';
import { serversOn } from '../../../client/temporal/server-process.ts';
import { ensureServer, runningServer, stopServer, type EmbeddedServer } from '../../../client/temporal/server.ts';
import { findTemporalCli } from '../../../client/temporal/executable.ts';
import { attributes } from '../../../workflows/ids.ts';
import { fixture, output, run, until } from '../fixtures/run.ts';

let stateRoot: string;
let lines: string[];
beforeEach(async () => {
  stateRoot = await mkdtemp(join(tmpdir(), 'millrace-server-'));
  lines = [];
});
afterEach(async () => {
  for (const server of await serversOn(stateRoot)) await endProcess(server, 0);
  await rm(stateRoot, { recursive: true, force: true });
});

const start = () => ensureServer({ stateRoot, env: process.env, progress: (line) => lines.push(line) });

describe.skipIf(!inject('temporal'))('the embedded server', () => {
  test('is usable at once: retention, search attributes in starts and lists, Web UI, private files', async () => {
    const server = await start();
    expect(server.owned).toBe(true);
    await withClient(server, async (client) => {
      const { workflowExecutionRetentionTtl } = (
        await client.workflowService.describeNamespace({ namespace: 'default' })
      ).config!;
      expect(Number(workflowExecutionRetentionTtl!.seconds)).toBe(30 * 24 * 3600);
      await startWorkflow(client, 'first');
      const listed = () =>
        client.workflow.count("MillraceBatch = 'b1' AND MillraceRound = 2").then(({ count }) => count === 1);
      await until('the workflow is listed by its attributes', listed);
    });
    expect((await fetch(`${server.ui}/namespaces/default/workflows`)).status).toBe(200);
    expect((await stat(join(stateRoot, 'server.json'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(stateRoot, 'logs', 'temporal.log'))).mode & 0o777).toBe(0o600);
    await server.stop();
  });

  test('keeps workflows over a SIGKILL, comes back on the same ports, and still has its search attributes', async () => {
    const first = await start();
    await withClient(first, (client) => startWorkflow(client, 'survivor'));
    await endProcess(first, 0);
    expect(await runningServer(stateRoot)).toBeNull();
    const second = await start();
    expect(second).toMatchObject({ owned: true, address: first.address, ui: first.ui });
    expect(second.pid).not.toBe(first.pid);
    await withClient(second, async (client) => {
      expect((await client.workflow.getHandle('survivor').describe()).status.name).toBe('RUNNING');
      const { customAttributes } = await client.connection.operatorService.listSearchAttributes({
        namespace: 'default',
      });
      for (const { name } of Object.values(attributes)) expect(customAttributes).toHaveProperty(name);
    });
  });

  test('gets an attribute that an existing database lacks', async () => {
    const first = await start();
    await withClient(first, async (client) => {
      await client.connection.operatorService.removeSearchAttributes({
        namespace: 'default',
        searchAttributes: ['MillraceStage'],
      });
    });
    await first.stop();
    await withClient(await start(), async (client) => {
      const { customAttributes } = await client.connection.operatorService.listSearchAttributes({
        namespace: 'default',
      });
      expect(customAttributes).toHaveProperty('MillraceStage');
    });
  });

  test.skipIf(process.platform !== 'linux' || process.getuid?.() !== 0)(
    'starts for a uid that has no name, as a container may give one',
    async () => {
      const uid = 54_321;
      const { path } = (await findTemporalCli({ env: process.env, progress: () => {} }))!;
      const cli = join(stateRoot, 'temporal'); // ours may lie where root alone can read
      await copyFile(path, cli);
      for (const each of [cli, stateRoot]) await chown(each, uid, uid);
      const env = { PATH: process.env['PATH'], HOME: stateRoot, MILLRACE_TEMPORAL_CLI: cli };
      const { stdout } = await output(run(fixture('start-server', stateRoot, String(uid)), env));
      const record = JSON.parse(stdout) as ServerRecord;
      expect((await stat(`/proc/${record.pid}`)).uid).toBe(uid);
      expect(await isRunning(record)).toBe(true);
    },
  );

  test('is one, however many ask for it at once', async () => {
    const clients = Array.from({ length: 3 }, () => output(run(fixture('start-server', stateRoot))));
    const here: ServerRecord[] = await Promise.all([start(), start()]);
    const there = (await Promise.all(clients)).map(({ stdout }) => JSON.parse(stdout) as ServerRecord);
    const records = [...here, ...there];
    expect(new Set(records.map(({ pid }) => pid)).size).toBe(1);
    expect(records.filter((record) => (record as EmbeddedServer).owned)).toHaveLength(1);
    expect(await serversOn(stateRoot)).toHaveLength(1);
  });

  test('outlives the client that started it, and is found by the next', async () => {
    const { stdout } = await output(run(fixture('start-server', stateRoot)));
    const left = JSON.parse(stdout) as ServerRecord;
    expect(await isRunning(left)).toBe(true);
    const found = await start();
    expect(found).toMatchObject({ pid: left.pid, owned: false });
  });

  test('leaves nothing when it is stopped: no process, no port, no lock', async () => {
    const server = await start();
    await server.stop();
    expect(await isRunning(server)).toBe(false);
    expect(await serversOn(stateRoot)).toEqual([]);
    expect(await isListening(Number(server.address.split(':')[1]))).toBe(false);
    expect(await isListening(Number(new URL(server.ui).port))).toBe(false);
    await stopServer(stateRoot); // again: nothing to do, and nobody else's process is touched
    await expect(access(join(stateRoot, `temporal-${server.cliVersion}.db`))).resolves.toBeUndefined();
  });

  // Without the marker beside the database each of these kills breaks every later start: the schema is half written.
  test.each([0, 8, 40])('a first start whose server is killed %i ms after it made its file is mended', async (ms) => {
    const { version } = (await findTemporalCli({ env: process.env, progress: () => {} }))!;
    const database = join(stateRoot, `temporal-${version}.db`);
    const client = run(fixture('start-server', stateRoot));
    const ended = output(client);
    const [half] = await until('the server was spawned', async () => {
      const found = await serversOn(stateRoot);
      return found.length > 0 && found;
    });
    while (!existsSync(database)) await pause(0);
    await pause(ms);
    process.kill(half!.pid, 'SIGKILL');
    client.kill('SIGKILL');
    await ended;
    await withClient(await start(), async (client) => {
      await startWorkflow(client, 'after');
      await until('it lists', () => client.workflow.count("MillraceIssue = 'i1'").then(({ count }) => count === 1));
    });
  });

  test('an empty database, as a killed first start can leave it, is made anew', async () => {
    const cli = await findTemporalCli({ env: process.env, progress: () => {} });
    await writeFile(join(stateRoot, `temporal-${cli!.version}.db`), '');
    await withClient(await start(), (client) => startWorkflow(client, 'after'));
  });

  test('a client killed half way leaves a server that no file names; the next start ends it first', async () => {
    // Never answers, so that the client is surely killed before it could record anything.
    const cli = join(stateRoot, 'temporal');
    const program =
      "if (process.argv[2] === '--version') console.log('temporal version 1.9.0'); else setInterval(() => {}, 9e4);";
    await writeFile(cli, `#!${process.execPath}\n${program}\n`, { mode: 0o700 });
    const client = run(fixture('start-server', stateRoot), { ...process.env, MILLRACE_TEMPORAL_CLI: cli });
    const ended = output(client);
    const [orphan] = await until('the server was spawned', async () => {
      const found = await serversOn(stateRoot);
      return found.length > 0 && found;
    });
    client.kill('SIGKILL');
    await ended;
    expect(await readServerRecord(stateRoot)).toBeNull();
    const server = await start();
    expect(await isRunning(orphan!)).toBe(false);
    expect(await serversOn(stateRoot)).toMatchObject([{ pid: server.pid }]);
    expect(lines.join('\n')).toContain(`left behind half started or silent (process ${orphan!.pid})`);
  });

  test('takes other ports where its own are taken by then', async () => {
    const first = await start();
    await first.stop();
    const squatter = createServer().listen(Number(first.address.split(':')[1]), '127.0.0.1');
    await once(squatter, 'listening');
    const second = await start();
    expect(second.address).not.toBe(first.address);
    expect(await readServerRecord(stateRoot)).toMatchObject({ address: second.address });
    squatter.close();
  });

  test('a server that does not come up is told with its own last words, and leaves no process', async () => {
    const cli = join(stateRoot, 'temporal');
    await writeFile(
      cli,
      '#!/bin/sh\n[ "$1" = --version ] && { echo "temporal version 1.9.0 (Server 1.32.0, UI 2.60.0)"; exit; }\necho "no such flag" >&2\nexit 3\n',
      { mode: 0o700 },
    );
    const env = { ...process.env, MILLRACE_TEMPORAL_CLI: cli };
    const failure = await ensureServer({ stateRoot, env, progress: () => {} }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'TemporalUnavailable', kind: 'start-failed' });
    expect(String(failure)).toContain('it ended with 3');
    expect(String(failure)).toContain('no such flag');
    expect(await readFile(join(stateRoot, 'logs', 'temporal.log'), 'utf8')).toContain('no such flag');
    expect(await serversOn(stateRoot)).toEqual([]);
  });
});

async function withClient(server: ServerRecord, use: (client: Client) => Promise<unknown>): Promise<void> {
  const connection = await Connection.connect({ address: server.address });
  try {
    await use(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

async function startWorkflow(client: Client, workflowId: string): Promise<void> {
  await client.workflow.start('nobodyRunsThis', {
    taskQueue: 'nobody',
    workflowId,
    typedSearchAttributes: [
      { key: attributes.batch, value: 'b1' },
      { key: attributes.issue, value: 'i1' },
      { key: attributes.round, value: 2 },
    ],
  });
}

/** The kill has to come at a moment, not at an event: that is what is tested. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
