import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { openMirror } from '../../activities/git/mirror.ts';
import { pushBranch } from '../../activities/git/push.ts';
import { createCredentials } from '../../activities/credentials/index.ts';
import { createRepositories } from '../../activities/repository/repository.ts';
import { registerRepository, type RegisteredRepository } from '../support/git/registered-repository.ts';
import type { GiteaRepository } from '../support/gitea/repository.ts';
import { giteaAt, type GiteaServer } from '../support/gitea/server.ts';

const access = inject('gitea');
const branch = 'millrace/7-fix';

describe.skipIf(!access)('git on a real Gitea', () => {
  let server: GiteaServer;
  let there: GiteaRepository;
  const states: RegisteredRepository[] = [];
  beforeAll(async () => {
    server = await giteaAt(access!);
  });
  afterAll(() => server.dispose());
  beforeEach(async () => {
    there = await server.createRepository({ isPrivate: true });
  });
  afterEach(async () => {
    await there.dispose();
    await Promise.all(states.splice(0).map((state) => state.dispose()));
  });

  /** The repository as a worker with that token has it. */
  async function as(token: string) {
    const repository = { key: 'demo', path: '/x', remote: there.cloneUrl, base: 'main' };
    const state = await registerRepository({ forge: 'gitea', place: there.place, repository });
    states.push(state);
    return createRepositories(state.root, createCredentials({ MILLRACE_GITEA_TOKEN: token })).open(state.ref);
  }

  /** Fetches the base, makes work on top of it and pushes that. */
  async function pushed(token: string): Promise<string> {
    const repository = await as(token);
    const mirror = await openMirror(repository);
    const { git } = mirror;
    const base = await mirror.fetchBase();
    const head = await git.run(['commit-tree', '-p', base, '-m', 'work', `${base}^{tree}`]);
    await git.run(['update-ref', 'refs/millrace/7/1', head]);
    await pushBranch(repository, { branch, ref: 'refs/millrace/7/1', head, expected: null });
    return head;
  }
  const errorOf = (done: Promise<unknown>) =>
    done.then(
      () => 'no error',
      (error: unknown) => error,
    );

  it('fetches from and pushes to a private repository', async () => {
    const head = await pushed(server.accounts.alice.token);
    expect(await server.ask('alice', `GET ${there.path}/branches/${encodeURIComponent(branch)}`)).toMatchObject({
      commit: { id: head },
    });
  });

  it('a token that it does not know', async () => {
    expect(await errorOf(pushed('0'.repeat(39) + '1'))).toMatchObject({ name: 'ForgeError', kind: 'auth' });
  });

  it('a token that may only read the repository', async () => {
    const token = await server.token('alice', ['read:repository', 'read:user']);
    expect(await errorOf(pushed(token))).toMatchObject({ name: 'ForgeError', kind: 'forbidden' });
  });

  it('a token that is for something else', async () => {
    const token = await server.token('alice', ['read:user']);
    expect(await errorOf(pushed(token))).toMatchObject({ name: 'ForgeError', kind: 'forbidden' });
  });

  it('an account that may not see the repository, and one that may only read it', async () => {
    expect(await errorOf(pushed(server.accounts.bob.token))).toMatchObject({ name: 'ForgeError', kind: 'not-found' });
    await there.collaborator('bob', 'read');
    expect(await errorOf(pushed(server.accounts.bob.token))).toMatchObject({ name: 'ForgeError', kind: 'forbidden' });
  });

  it('a branch that a rule protects', async () => {
    await there.protect('millrace/*', { enable_push: false });
    const error = await errorOf(pushed(server.accounts.alice.token));
    expect(error).toMatchObject({ name: 'ForgeError', kind: 'forbidden' });
    expect(String(error)).toContain('a rule protects that branch');
  });

  it('an archived repository', async () => {
    await server.ask('alice', `PATCH ${there.path}`, { archived: true });
    expect(await errorOf(pushed(server.accounts.alice.token))).toMatchObject({ name: 'ForgeError', kind: 'read-only' });
  });

  it('a repository that has another name now', async () => {
    await server.ask('alice', `PATCH ${there.path}`, { name: `${there.name}-renamed` });
    const error = await errorOf(pushed(server.accounts.alice.token));
    expect(error).toMatchObject({ name: 'ForgeError', kind: 'invalid' });
    expect(String(error)).toContain('git remote set-url origin');
  });
});
