import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { giteaAt, type GiteaServer } from '../support/gitea/server.ts';

const access = inject('gitea');

describe.skipIf(!access)('the Gitea of the tests', () => {
  let server: GiteaServer;
  beforeAll(async () => {
    server = await giteaAt(access!);
  });
  afterAll(() => server.dispose());

  it('has repositories of users and organisations, with files, issues and labels', async () => {
    for (const owner of ['alice', { organisation: 'guild' }] as const) {
      const repository = await server.createRepository({ owner, files: { 'src/a.txt': 'a\n' } });
      expect(await repository.remote.read('main', 'src/a.txt')).toBe('a');
      const number = await repository.issue({ title: 'One', labels: ['ready'], as: 'bob' });
      const issue = await server.ask('bob', `GET ${repository.path}/issues/${number}`);
      expect(issue).toMatchObject({ title: 'One', user: { login: 'bob' }, labels: [{ name: 'ready' }] });
    }
  });

  it('gives out tokens with fewer scopes', async () => {
    const token = await server.token('alice', ['read:user']);
    const answer = await fetch(`${server.url}/api/v1/user`, { headers: { authorization: `token ${token}` } });
    expect(answer.status).toBe(200);
  });
});
