import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCredentials } from '../../../activities/credentials/index.ts';
import type { ForgePlace } from '../../../workflows/domain/settings.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'millrace-home-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const errorOf = (found: Promise<unknown>) =>
  found.then(
    () => 'no error',
    (error: unknown) => error,
  );

describe('a GitHub App', () => {
  let server: Server;
  let place: ForgePlace;
  let lifetimeMs: number;
  let answers: Record<string, number>;
  let requests: string[];
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }) as string; // as GitHub hands it out

  beforeEach(async () => {
    [lifetimeMs, answers, requests] = [3_600_000, {}, []];
    server = createServer((request, response) => {
      const line = `${request.method} ${request.url}`;
      const [, payload = ''] = (request.headers.authorization ?? '').split('.');
      requests.push(`${line} by ${(JSON.parse(Buffer.from(payload, 'base64url').toString()) as { iss: string }).iss}`);
      const status = answers[line] ?? 200;
      const token = { token: `ghs_${'x'.repeat(30)}${requests.length}`, permissions: {} };
      const expires_at = new Date(Date.now() + lifetimeMs).toISOString();
      const body = request.method === 'GET' ? { id: 77 } : { ...token, expires_at };
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(status < 300 ? body : { message: 'Not what you want' }));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    place = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, owner: 'o', name: 'r' };
    await writeFile(join(home, 'app.pem'), pem);
  });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  it('is asked for below the address of its server, as everything else is', async () => {
    place = { ...place, url: `${place.url}/ghe` };
    await findApp();
    expect(requests[0]).toBe('GET /ghe/api/v3/repos/o/r/installation by 12345');
  });

  const findApp = (env: Record<string, string> = {}) =>
    createCredentials({
      HOME: home,
      PATH: join(home, 'bin'),
      MILLRACE_GITHUB_APP_ID: '12345',
      MILLRACE_GITHUB_APP_KEY_FILE: join(home, 'app.pem'),
      GH_ENTERPRISE_TOKEN: 'not-this-one',
      ...env,
    }).find('github', place);

  it('finds its installation by the repository, and keeps its token while it lasts', async () => {
    const credential = await findApp();
    expect(credential.source).toBe('GitHub App 12345');
    expect(await Promise.all([credential.token(), credential.token()])).toEqual(
      Array(2).fill(`ghs_${'x'.repeat(30)}2`),
    );
    expect(requests).toEqual([
      'GET /api/v3/repos/o/r/installation by 12345',
      'POST /api/v3/app/installations/77/access_tokens by 12345',
    ]);
  });

  it('renews a token that is about to end, once for all who ask', async () => {
    lifetimeMs = 60_000;
    const credential = await findApp({ MILLRACE_GITHUB_APP_INSTALLATION_ID: '9' });
    lifetimeMs = 3_600_000;
    const tokens = await Promise.all([credential.token(), credential.token(), credential.token()]);
    expect(new Set(tokens)).toEqual(new Set([`ghs_${'x'.repeat(30)}2`]));
    expect(requests.every((line) => line.startsWith('POST /api/v3/app/installations/9/'))).toBe(true);
  });

  it.each<[string, Record<string, number>, Record<string, string>, string, RegExp]>([
    [
      'is not installed',
      { 'GET /api/v3/repos/o/r/installation': 404 },
      {},
      'auth',
      /install the App on that repository/,
    ],
    ['has another key', { 'GET /api/v3/repos/o/r/installation': 401 }, {}, 'auth', /MILLRACE_GITHUB_APP_KEY_FILE/],
    ['meets a sick server', { 'POST /api/v3/app/installations/77/access_tokens': 502 }, {}, 'server', /get a token/],
    ['has no key', {}, { MILLRACE_GITHUB_APP_KEY_FILE: '' }, 'auth', /set both/],
    ['has no such key file', {}, { MILLRACE_GITHUB_APP_KEY_FILE: '/nowhere/app.pem' }, 'auth', /ENOENT/],
    ['has no number as installation', {}, { MILLRACE_GITHUB_APP_INSTALLATION_ID: 'x' }, 'auth', /is not a number/],
  ])('one that %s is told, and no other way is tried', async (_name, status, env, kind, words) => {
    answers = status;
    const error = await errorOf(findApp(env));
    expect(error).toMatchObject({ name: 'ForgeError', kind });
    expect(String(error)).toMatch(words);
    expect(String(error)).not.toContain('PRIVATE KEY');
  });

  it('a server that does not answer is asked again later', async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
    expect(await errorOf(findApp())).toMatchObject({ kind: 'network' });
    server.listen(0);
    await once(server, 'listening');
  });

  it('a key file that holds something else is named, and not shown', async () => {
    await writeFile(join(home, 'app.pem'), 'something private');
    const error = String(await errorOf(findApp()));
    expect(error).toContain('is not a private key');
    expect(error).not.toContain('something private');
  });
});
