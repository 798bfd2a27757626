import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { connectTemporal, namedTemporal, workerEnvironment } from '../../../client/temporal/connect.ts';
import { registerSearchAttributes } from '../../../client/temporal/namespace.ts';
import { ensureServer, stopServer } from '../../../client/temporal/server.ts';
import { attributes } from '../../../workflows/ids.ts';

const shared = inject('temporal');
let stateRoot: string;
let env: Record<string, string | undefined>;
beforeEach(async () => {
  stateRoot = await mkdtemp(join(tmpdir(), 'millrace-connect-'));
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('TEMPORAL_'));
  env = { ...Object.fromEntries(kept), TEMPORAL_CONFIG_FILE: join(stateRoot, 'temporal.toml') };
});
afterEach(async () => {
  await stopServer(stateRoot);
  await rm(stateRoot, { recursive: true, force: true });
});

const options = (start: boolean) => ({ stateRoot, env, progress: () => {}, start });
const profile = (text: string) => writeFile(env['TEMPORAL_CONFIG_FILE']!, text);

describe('which Temporal', () => {
  test('none is named by an environment without an address, whatever else it says', async () => {
    await profile('[profile.default]\nnamespace = "elsewhere"\n');
    expect(namedTemporal({ ...env, TEMPORAL_NAMESPACE: 'mine', TEMPORAL_API_KEY: 'key' })).toBeNull();
  });

  test('an empty profile file names none and is no error', async () => {
    await profile('');
    expect(namedTemporal(env)).toBeNull();
    expect(namedTemporal({ ...env, TEMPORAL_ADDRESS: 'c.test:1' })).toMatchObject({ address: 'c.test:1' });
  });

  test('a profile with an address names one, and variables come before it', async () => {
    await profile(
      '[profile.default]\naddress = "a.test:7233"\nnamespace = "one"\n[profile.other]\naddress = "b.test:7233"\n',
    );
    expect(namedTemporal(env)).toMatchObject({ address: 'a.test:7233', namespace: 'one' });
    expect(namedTemporal({ ...env, TEMPORAL_PROFILE: 'other' })).toMatchObject({
      address: 'b.test:7233',
      namespace: 'default',
    });
    expect(namedTemporal({ ...env, TEMPORAL_ADDRESS: 'c.test:1' })).toMatchObject({
      address: 'c.test:1',
      namespace: 'one',
    });
  });

  test('a profile that can not be read is a usage error that names the file', async () => {
    await profile('[profile');
    await expect(connectTemporal(options(false))).rejects.toMatchObject({ name: 'UsageError', exitCode: 2 });
    await profile('[profile.default]\n');
    const missing = connectTemporal({ ...options(false), env: { ...env, TEMPORAL_PROFILE: 'nobody' } });
    await expect(missing).rejects.toThrow(/temporal\.toml: Profile 'nobody' not found/);
  });

  test('the worker of an embedded server sees no key, certificate or profile of the user', async () => {
    await profile('[profile.default]\naddress = "a.test:7233"\napi_key = "secret"\n');
    const user = {
      ...env,
      TEMPORAL_API_KEY: 'secret',
      TEMPORAL_TLS: 'true',
      TEMPORAL_PROFILE: 'other',
      HOME: '/home/me',
    };
    const target = { address: '127.0.0.1:17233', namespace: 'default', embedded: true };
    const worker = workerEnvironment(target, stateRoot, user);
    expect(worker).toMatchObject({ HOME: '/home/me', MILLRACE_STATE: stateRoot });
    expect(namedTemporal(worker)).toEqual({
      address: '127.0.0.1:17233',
      namespace: 'default',
      connectionOptions: { address: '127.0.0.1:17233' },
    });
  });

  test('the worker of a named server finds the same one with the same credentials', async () => {
    await profile('[profile.default]\naddress = "a.test:7233"\nnamespace = "one"\napi_key = "secret"\n');
    const named = namedTemporal(env)!;
    const worker = workerEnvironment({ ...named, embedded: false }, stateRoot, { ...env, MILLRACE_EMBEDDED: '1' });
    expect(namedTemporal(worker)).toEqual(named);
    expect(named.connectionOptions).toMatchObject({ apiKey: 'secret', tls: true });
  });
});

test('a named server that does not answer is told, with its address and the mend', async () => {
  env['TEMPORAL_ADDRESS'] = '127.0.0.1:9';
  const failure = await connectTemporal(options(true)).catch((error: unknown) => error);
  expect(failure).toMatchObject({ name: 'TemporalUnavailable', kind: 'unreachable' });
  expect(String(failure)).toContain('Temporal at 127.0.0.1:9 does not answer');
  expect(String(failure)).toContain('correct TEMPORAL_ADDRESS');
});

test('without a server, and not asked to start one, it says how to get one and starts nothing', async () => {
  await expect(connectTemporal(options(false))).rejects.toMatchObject({ kind: 'not-running' });
  await expect(connectTemporal(options(false))).rejects.toThrow('millrace up');
});

describe.skipIf(!shared)('against a real server', () => {
  test.each([0, 15, 40])(
    'ours is connected to, also when it is killed %i ms after the look for it',
    async (delayMs) => {
      const { pid } = await ensureServer(options(true));
      const connecting = connectTemporal(options(true));
      await sleep(delayMs);
      process.kill(pid, 'SIGKILL');
      const temporal = await connecting;
      try {
        // Where the kill came after the connection, its own retries and the next server make it good.
        const again = await connectTemporal(options(true));
        await again.close();
        const info = await temporal.connection.workflowService.describeNamespace({ namespace: 'default' });
        expect(info.namespaceInfo?.name).toBe('default');
      } finally {
        await temporal.close();
      }
    },
  );

  test('a named one is used, gets our search attributes, and no server is started', async () => {
    env['TEMPORAL_ADDRESS'] = shared!.address;
    const temporal = await connectTemporal(options(true));
    try {
      expect(temporal).toMatchObject({ address: shared!.address, namespace: 'default', embedded: false, ui: null });
      const { customAttributes } = await temporal.connection.operatorService.listSearchAttributes({
        namespace: 'default',
      });
      for (const { name } of Object.values(attributes)) expect(customAttributes).toHaveProperty(name);
    } finally {
      await temporal.close();
    }
    await expect(
      connectTemporal({ ...options(false), env: { ...env, TEMPORAL_ADDRESS: undefined } }),
    ).rejects.toMatchObject({
      kind: 'not-running',
    });
  });

  test('an unknown namespace is told with the command that makes it', async () => {
    Object.assign(env, { TEMPORAL_ADDRESS: shared!.address, TEMPORAL_NAMESPACE: 'nowhere' });
    const failure = await connectTemporal(options(true)).catch((error: unknown) => error);
    expect(failure).toMatchObject({ kind: 'refused' });
    expect(String(failure)).toContain('temporal operator namespace create nowhere');
  });

  test('the embedded one is started when asked for, found afterwards, and the profile file is not used for it', async () => {
    await profile('[profile.default]\nnamespace = "elsewhere"\napi_key = "secret"\n');
    const first = await connectTemporal(options(true));
    await first.close();
    expect(first.started).toBe(true);
    const second = await connectTemporal(options(false));
    try {
      expect(second).toMatchObject({
        address: first.address,
        ui: first.ui,
        namespace: 'default',
        embedded: true,
        started: false,
      });
      expect((await second.client.workflow.count()).count).toBe(0);
    } finally {
      await second.close();
    }
  });

  test('a search attribute of our name with another type is refused before a workflow can hang on it', async () => {
    const temporal = await connectTemporal(options(true));
    const { connection, namespace } = temporal;
    try {
      await connection.operatorService.removeSearchAttributes({ namespace, searchAttributes: [attributes.batch.name] });
      const keywordList = 7;
      await connection.operatorService.addSearchAttributes({
        namespace,
        searchAttributes: { [attributes.batch.name]: keywordList },
      });
      await expect(registerSearchAttributes({ connection, namespace })).rejects.toThrow(/another type: MillraceBatch/);
    } finally {
      await temporal.close();
    }
  });
});
