import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCredentials } from '../../../activities/credentials/index.ts';
import { createForges } from '../../../activities/forges/index.ts';
import { createRepositories } from '../../../activities/repository/repository.ts';
import { acquireLock } from '../../../client/state/lock.ts';
import { registerRepository, type RegisteredRepository } from '../../support/git/registered-repository.ts';

let server: Server;
let url: string;
let state: RegisteredRepository;
let requests: string[];

beforeEach(async () => {
  requests = [];
  server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ id: 7, login: 'bot' }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  await state.dispose();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

async function opened(kind: 'github' | 'gitea', env: Record<string, string>) {
  state = await registerRepository({ forge: kind, place: { url, owner: 'o', name: 'r' } });
  const repository = await createRepositories(state.root, createCredentials({ HOME: state.root, ...env })).open(
    state.ref,
  );
  return { repository, forgeFor: createForges({ root: join(state.root, 'pace'), lock: acquireLock }) };
}

describe.each([
  ['github', 'MILLRACE_GITHUB_TOKEN', '/api/v3/user'],
  ['gitea', 'MILLRACE_GITEA_TOKEN', '/api/v1/user'],
] as const)('the %s forge of a repository', (kind, name, path) => {
  it('speaks to its place, paced, as the account that was found', async () => {
    const { repository, forgeFor } = await opened(kind, { [name]: 'a-token-of-ours' });
    const forge = await forgeFor(repository);
    expect(await forge.me()).toEqual({ id: '7', login: 'bot' });
    expect(requests).toEqual([`GET ${path} token a-token-of-ours`]);
    expect(await forgeFor(repository)).toBe(forge);
    const [file = ''] = (await readdir(join(state.root, 'pace'))).filter((each) => each.endsWith('.json'));
    const text = await readFile(join(state.root, 'pace', file), 'utf8');
    expect(JSON.parse(text)).toMatchObject({ server: url, source: name });
    expect(text).not.toContain('a-token-of-ours');
  });

  it('is refused without a credential, with every way that was tried', async () => {
    const { repository, forgeFor } = await opened(kind, {});
    await expect(forgeFor(repository)).rejects.toMatchObject({
      kind: 'auth',
      message: expect.stringContaining(`${name} is not set`),
    });
    expect(requests).toEqual([]);
    const later = await createRepositories(state.root, createCredentials({ [name]: 'made-meanwhile' })).open(state.ref);
    expect(await (await forgeFor(later)).me()).toMatchObject({ login: 'bot' });
  });
});

it('settings without a place say so', async () => {
  state = await registerRepository({ forge: 'gitea' });
  const repository = await createRepositories(state.root, createCredentials({})).open(state.ref);
  const forgeFor = createForges({ root: join(state.root, 'pace'), lock: acquireLock });
  await expect(forgeFor(repository)).rejects.toMatchObject({ kind: 'invalid' });
});
