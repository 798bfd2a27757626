import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { pullKey, reviewKey } from '../../activities/forges/key.ts';
import { createGiteaForge } from '../../activities/forges/gitea.ts';
import { draftFor, fileOf } from '../support/forge/forge-behaviour/stage.ts';
import { persistently } from '../support/gitea/persistent.ts';
import { giteaAt, type GiteaServer } from '../support/gitea/server.ts';
import { openGiteaStage, type GiteaStage } from '../support/gitea/stage.ts';

const access = inject('gitea');

describe.skipIf(!access)('rules of a Gitea repository', () => {
  let server: GiteaServer;
  let stage: GiteaStage;
  beforeAll(async () => {
    server = await giteaAt(access!);
    stage = await openGiteaStage(server, { writers: ['bob'] });
  });
  afterAll(() => stage.dispose());

  const opened = async () => {
    const issue = await stage.newIssue();
    const draft = await draftFor(stage.remote, issue);
    const { value: pull } = await stage.forge.ensurePull(pullKey(issue.key), draft);
    return { issue, draft, pull };
  };
  const landed = (number: number, sha: string, method: 'merge' | 'squash' | 'rebase' = 'merge') =>
    persistently(() => stage.forge.merge(number, { method, sha, when: 'now', title: 'Land it', message: 'Reviewed.' }));

  it.each(['merge', 'squash', 'rebase'] as const)('%s puts the work on the base', async (method) => {
    const { issue, draft, pull } = await opened();
    await stage.remote.commit('main', 'meanwhile', { [`meanwhile-${method}.txt`]: 'x\n' });
    const merge = await landed(pull.number, draft.head, method);
    expect(merge).toEqual({ kind: 'merged', sha: await stage.remote.tip('main') });
    expect(await stage.remote.read('main', fileOf(issue))).toContain(`work on ${issue.id}`);
    expect(await stage.remote.read('main', `meanwhile-${method}.txt`)).toBe('x');
    const subject = await stage.remote.git.run(['show', '-s', '--format=%s', 'refs/heads/main']);
    expect(subject).toBe(method === 'rebase' ? `work on ${issue.id}` : 'Land it');
  });

  it('a conflict is one by git, at once, with its files', async () => {
    const { issue, draft, pull } = await opened();
    await stage.remote.commit('main', 'the same file', { [fileOf(issue)]: 'otherwise\n' });
    await expect(landed(pull.number, draft.head)).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining(fileOf(issue)),
    });
  });

  it('a method that is switched off is not used', async () => {
    const { draft, pull } = await opened();
    await server.ask('admin', `PATCH ${stage.repository.path}`, { allow_squash_merge: false });
    try {
      expect((await stage.forge.inspect('main')).mergeMethods).toEqual(['merge', 'rebase']);
      await expect(landed(pull.number, draft.head, 'squash')).rejects.toMatchObject({ kind: 'not-mergeable' });
    } finally {
      await server.ask('admin', `PATCH ${stage.repository.path}`, { allow_squash_merge: true });
    }
  });

  it('a base that demands an approval blocks with the words of Gitea, until a writer gives one', async () => {
    const { draft, pull } = await opened();
    await stage.repository.protect('main', { required_approvals: 1, enable_push: true });
    try {
      expect((await stage.forge.inspect('main')).base).toMatchObject({ isProtected: true, requiredApprovals: 1 });
      expect(await landed(pull.number, draft.head)).toMatchObject({
        kind: 'blocked',
        reason: expect.stringMatching(/enough approvals/),
      });
      const key = reviewKey({ pull: pull.number, sha: draft.head, round: 1 });
      const review = { sha: draft.head, verdict: 'approved', body: 'Good.' } as const;
      expect(await stage.other.postReview(key, pull.number, review)).toMatchObject({ value: { event: 'approve' } });
      expect(await landed(pull.number, draft.head)).toMatchObject({ kind: 'merged' });
    } finally {
      await server.api('admin', `DELETE ${stage.repository.path}/branch_protections/main`);
    }
  });

  it('a pull request that waits for an issue is blocked by it', async () => {
    const { draft, pull } = await opened();
    const first = await stage.newIssue();
    const { owner, name: repo } = stage.repository;
    const dependency = { index: first.number, owner, repo };
    await server.ask('alice', `POST ${stage.repository.path}/issues/${pull.number}/dependencies`, dependency);
    expect(await landed(pull.number, draft.head)).toEqual({
      kind: 'blocked',
      reason: `#${pull.number} waits for #${first.number}`,
    });
  });

  it('a draft is told from its title, and blocks', async () => {
    const { draft, pull } = await opened();
    await stage.forge.editPull(pull.number, { title: 'WIP: not yet' });
    expect(await stage.forge.pull(pull.number)).toMatchObject({ isDraft: true, title: 'WIP: not yet' });
    expect(await landed(pull.number, draft.head)).toMatchObject({ kind: 'blocked' });
  });

  it('a token that may only read says which scopes it lacks', async () => {
    const token = await server.token('alice', ['read:repository', 'read:issue', 'read:user']);
    const reader = stage.as({ token });
    const { missing } = await reader.inspect('main');
    expect(missing).toEqual([
      { right: 'issues', words: 'write:issue' },
      { right: 'pull-requests', words: 'write:repository' },
    ]);
    const issue = await stage.newIssue();
    const draft = await draftFor(stage.remote, issue);
    await expect(reader.ensurePull(pullKey(issue.key), draft)).rejects.toMatchObject({
      kind: 'forbidden',
      status: 403,
      message: expect.stringMatching(/POST .*pulls.*lacks the scope write:repository/),
    });
    const blind = stage.as({ token: await server.token('alice', ['read:user']) });
    await expect(blind.issues({ labels: [], milestone: null, assignee: null, search: null })).rejects.toMatchObject({
      kind: 'forbidden',
      message: expect.stringMatching(/read:issue/),
    });
  });

  it('somebody who may not write says so, and nothing is written', async () => {
    const bob = stage.as({ name: 'bob' });
    const { permission } = await bob.inspect('main');
    expect(permission).toBe('write');
    await server.ask('admin', `PUT ${stage.repository.path}/collaborators/bob`, { permission: 'read' });
    try {
      expect(await bob.inspect('main')).toMatchObject({
        permission: 'read',
        missing: [{ right: 'push', words: 'the right to write for bob' }],
      });
      const issue = await stage.newIssue();
      await expect(bob.setStatus(await stage.remote.tip('main'), status)).rejects.toMatchObject({ kind: 'forbidden' });
      await expect(bob.label(issue, { add: ['x'], remove: [] })).rejects.toMatchObject({ kind: 'forbidden' });
    } finally {
      await server.ask('admin', `PUT ${stage.repository.path}/collaborators/bob`, { permission: 'write' });
    }
  });

  it('an archived repository is read only', async () => {
    const other = await openGiteaStage(server);
    const issue = await other.newIssue();
    const draft = await draftFor(other.remote, issue);
    await server.ask('admin', `PATCH ${other.repository.path}`, { archived: true });
    await expect(other.forge.ensurePull(pullKey(issue.key), draft)).rejects.toMatchObject({ kind: 'read-only' });
    expect(await other.forge.inspect('main')).toMatchObject({ isArchived: true, missing: [] });
    expect(await other.forge.access()).toMatchObject({ isArchived: true, hasIssues: true });
    await other.dispose();
  });

  it('a private repository that a credential may not see is not found', async () => {
    const hidden = await server.createRepository({ isPrivate: true });
    const blind = createGiteaForge({ ...connectionOf(server.accounts.bob.token), place: hidden.place });
    await expect(blind.inspect('main')).rejects.toMatchObject({
      kind: 'not-found',
      message: expect.stringMatching(/may not see it/),
    });
    await hidden.dispose();
  });
});

const connectionOf = (token: string) => ({
  credential: { id: '0123456789abcdef', source: 'test', token: async () => token },
  pace: { turn: async () => {}, learn: async () => {} },
  remote: {
    tips: async () => new Map<string, string>(),
    contained: async () => new Set<string>(),
    conflicts: async () => [],
  },
});

const status = { context: 'ci/x', state: 'success', text: '' } as const;
