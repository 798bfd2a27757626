import { mkdir, rm, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accessTo } from '../../../activities/git/access.ts';
import { createCredentials } from '../../../activities/credentials/index.ts';
import { createCleanupActivities } from '../../../activities/cleanup.ts';
import { plainRemote } from '../../../activities/repository/remote-url.ts';
import { createRepositories } from '../../../activities/repository/repository.ts';
import { stateLayout } from '../../../workflows/domain/host/layout.ts';
import { registerRepository, type RegisteredRepository } from '../../support/git/registered-repository.ts';

let state: RegisteredRepository;
afterEach(() => state.dispose());

const env = { MILLRACE_GITEA_TOKEN: 'a-token-of-ours' };

/** The repository with that remote, as an activity gets it. */
async function opened(remote: string, place?: { url: string; owner: string; name: string }) {
  const repository = { key: 'demo', path: '/x', remote, base: 'main' };
  state = await registerRepository({ repository, ...(place ? { forge: 'gitea', place } : {}) });
  return createRepositories(state.root, createCredentials(env)).open(state.ref);
}

describe('a repository whose remote is spoken to over HTTP', () => {
  const place = { url: 'https://git.example', owner: 'o', name: 'r' };

  it('has the credential of its forge', async () => {
    const repository = await opened('https://git.example/o/r.git', place);
    expect(await accessTo(repository)?.credential()).toMatchObject({ source: 'MILLRACE_GITEA_TOKEN' });
  });

  it.each(['https://other.example/o/r.git', 'http://git.example/o/r.git', 'ssh://git@git.example/o/r.git', '/o/r.git'])(
    'git has it not for %s',
    async (remote) => {
      const repository = await opened(remote, place);
      expect(accessTo(repository)).toBeNull();
      expect(repository.settings.repository.remote).toBe(remote);
    },
  );

  it('a password in the address leaves it, and is not what we are to the forge', async () => {
    const repository = await opened('https://me:my-password@git.example/o/r.git', place);
    expect(repository.settings.repository.remote).toBe('https://git.example/o/r.git');
    expect(await (await repository.credential?.())?.token()).toBe('a-token-of-ours');
  });

  it('without a forge that password is shown to that server, by the helper and not by the address', async () => {
    const repository = await opened('https://me:my%2Fpassword@git.example/o/r.git');
    expect(repository.settings.repository.remote).toBe('https://git.example/o/r.git');
    const credential = await accessTo(repository)?.credential();
    expect(credential).toMatchObject({ user: 'me', source: 'the address of origin' });
    expect(await credential?.token()).toBe('my/password');
  });
});

describe('plainRemote', () => {
  beforeEach(async () => {
    state = await registerRepository();
  });

  it.each([
    ['https://h/o/r.git', 'https://h/o/r.git', null],
    ['https://me@h/o/r.git', 'https://h/o/r.git', null],
    ['HTTPS://me:p%zz@h:8443/o/r.git', 'https://h:8443/o/r.git', { user: 'me', password: 'p%zz' }],
    ['ssh://git@h/o/r.git', 'ssh://git@h/o/r.git', null],
    ['git@h:o/r.git', 'git@h:o/r.git', null],
    ['/a/path@x', '/a/path@x', null],
    ['https://', 'https://', null],
  ])('%s is %s', (remote, url, login) => {
    expect(plainRemote(remote)).toEqual({ url, login });
  });
});

describe('all repositories of a host', () => {
  beforeEach(async () => {
    state = await registerRepository();
    await writeFile(state.layout.current, state.ref.settings);
  });

  it('one without its settings keeps nobody from the others, and is told with what to do', async () => {
    const { layout: lost } = await addRepository('a'.repeat(64));
    const { known, unknown } = await createRepositories(state.root).all();
    expect(known.map(({ key }) => key)).toEqual(['demo']);
    expect(unknown).toMatchObject([{ repo: 'lost', root: lost.root }]);
    expect(unknown[0]!.problem).toContain(`or remove ${lost.root}`);
    const items = await cleanedUp();
    expect(items).toEqual([{ path: lost.root, action: 'kept', reason: unknown[0]!.problem }]);
  });

  it('a folder in which none was registered is none', async () => {
    await mkdir(stateLayout(state.root).repository('begun').root, { recursive: true });
    const { known, unknown } = await createRepositories(state.root).all();
    expect([known.length, unknown]).toEqual([1, []]);
  });

  it('what cannot be read is not taken for what is not there', async () => {
    const { layout } = await addRepository('x');
    await rm(layout.current);
    await mkdir(layout.current);
    await expect(createRepositories(state.root).all()).rejects.toThrow('EISDIR');
  });
});

async function addRepository(settings: string) {
  const layout = stateLayout(state.root).repository('lost');
  await mkdir(layout.root, { recursive: true });
  await writeFile(layout.current, settings);
  return { layout };
}

async function cleanedUp() {
  const repositories = createRepositories(state.root);
  const host = createCleanupActivities({ repositories, log: { warn: () => {} }, openIssues: async () => [] });
  return (await host.cleanUp({ version: 1, host: 'here', dryRun: true })).items;
}
