import { rm, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createGithubForge } from '../../../../activities/forges/github.ts';
import type { Forge } from '../../../../activities/forges/forge.ts';
import { createPace } from '../../../../activities/forges/pace.ts';
import { acquireLock } from '../../../../client/state/lock.ts';
import { connectTo, type WatchedConnection } from '../../../support/forge/forge-connection.ts';
import { createFakeGithub, type FakeGithub } from '../../../support/github/fake-github.ts';

let fake: FakeGithub;
let root: string;
const connected: WatchedConnection[] = [];

beforeAll(async () => {
  fake = await createFakeGithub({
    accounts: { maintainer: { permission: 'admin' }, 'millrace-bot': { permission: 'write' } },
  });
  root = await mkdtemp(join(tmpdir(), 'millrace-pace-'));
});
afterAll(async () => {
  for (const each of connected) await each.dispose();
  await fake.dispose();
  await rm(root, { recursive: true, force: true });
});

/** Two forges of one account, as two repositories of a worker have them, under the limits of github.com. */
async function forgesOf(login: string): Promise<readonly [Forge, Forge]> {
  const watched = await connectTo({ place: fake.place, token: fake.token(login), remote: fake.remote.dir });
  connected.push(watched);
  const { credential, place } = watched.connection;
  const paced = () => {
    const pace = createPace({ root, lock: acquireLock }, { credential, server: place.url, rules: 'always' });
    return createGithubForge({ ...watched.connection, pace });
  };
  return [paced(), paced()];
}

it('of one account are a second apart, in whichever forge; those of another do not wait', async () => {
  const head = await fake.remote.tip('main');
  const [one, sibling] = await forgesOf('millrace-bot');
  const [other] = await forgesOf('maintainer');
  const write = (forge: Forge, context: string) => forge.setStatus(head, { context, state: 'success', text: 'ok' });
  await write(one, 'a');
  const ended: string[] = [];
  const started = performance.now();
  const noted = async (forge: Forge, context: string) => {
    await write(forge, context);
    ended.push(context);
  };
  await Promise.all([noted(one, 'b'), noted(sibling, 'c'), noted(other, 'd')]);
  expect(performance.now() - started).toBeGreaterThan(1_000);
  expect(ended.at(-1)).not.toBe('d');
});
