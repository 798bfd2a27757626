import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { findingKey, pullKey, reviewKey, statusKey, taskKey } from '../../activities/forges/key.ts';
import { createGiteaForge } from '../../activities/forges/gitea.ts';
import { createFaultProxy, type FaultProxy } from '../support/forge/fault-proxy.ts';
import { draftFor, fileOf, unique } from '../support/forge/forge-behaviour/stage.ts';
import { giteaAt, type GiteaServer } from '../support/gitea/server.ts';
import { openGiteaStage, type GiteaStage } from '../support/gitea/stage.ts';

const access = inject('gitea');

const all = { labels: [], milestone: null, assignee: null, search: null };

describe.skipIf(!access)('what is special about Gitea', () => {
  let server: GiteaServer;
  let stage: GiteaStage;
  let proxy: FaultProxy;
  beforeAll(async () => {
    server = await giteaAt(access!);
    stage = await openGiteaStage(server, { writers: ['bob'] });
    proxy = await createFaultProxy(server.url);
  });
  afterAll(async () => {
    await proxy.close();
    await stage.dispose();
  });

  const path = () => stage.repository.path;
  const opened = async () => {
    const issue = await stage.newIssue();
    const draft = await draftFor(stage.remote, issue);
    const { value: pull } = await stage.forge.ensurePull(pullKey(issue.key), draft);
    return { issue, draft, pull };
  };
  const writes = () => proxy.requests.filter(({ method }) => method !== 'GET').map((each) => each.method);

  it('sixty issues come over two pages, and a filter by assignee, milestone and words is ours', async () => {
    const label = unique('many');
    for (let count = 0; count < 60; count += 1) await stage.repository.issue({ title: `Many ${count}` });
    const special = await stage.repository.issue({ title: 'Needle in a Haystack', labels: [label], as: 'bob' });
    const { id } = await server.ask<{ id: number }>('alice', `POST ${path()}/milestones`, { title: 'v 1.0' });
    const edit = { milestone: id, assignees: [server.accounts.bob.login] };
    await server.ask('alice', `PATCH ${path()}/issues/${special}`, edit);
    const found = await stage.forge.issues(all);
    expect(found.length).toBeGreaterThan(60);
    expect(new Set(found.map(({ number }) => number)).size).toBe(found.length);
    const query = { labels: [label.toUpperCase()], milestone: 'v 1.0', assignee: 'BOB', search: 'haystack needle' };
    expect(await stage.forge.issues(query)).toMatchObject([{ number: special, author: { login: 'bob' } }]);
    for (const other of [{ milestone: 'v 2' }, { assignee: 'alice' }, { search: 'hay needles' }])
      expect(await stage.forge.issues({ ...query, ...other })).toEqual([]);
  });

  it('a draft of a review is not published with the next one', async () => {
    const { issue, draft, pull } = await opened();
    const comments = [{ path: fileOf(issue), body: 'never meant to be seen', new_position: 1, old_position: 0 }];
    const pending = { event: 'PENDING', body: 'half', commit_id: draft.head, comments };
    await server.ask('alice', `POST ${path()}/pulls/${pull.number}/reviews`, pending);
    const key = reviewKey({ pull: pull.number, sha: draft.head, round: 1 });
    await stage.forge.postReview(key, pull.number, { sha: draft.head, verdict: 'needs-work', body: 'Mine.' });
    const reviews = await server.ask<{ state: string }[]>('alice', `GET ${path()}/pulls/${pull.number}/reviews`);
    expect(reviews.map(({ state }) => state)).toEqual(['COMMENT']);
    expect(JSON.stringify(await server.ask('bob', `GET ${path()}/issues/${pull.number}/timeline`))).not.toContain(
      'never meant',
    );
  });

  it('remarks are checked against the diff: Gitea takes any line of any file', async () => {
    const { issue, draft, pull } = await opened();
    const remark = (place: string, line: number, side: 'new' | 'old' = 'new') =>
      ({ key: findingKey(unique('f')), path: place, line, side, body: `about ${place}:${line}` }) as const;
    const good = remark(fileOf(issue), 2);
    const bad = [
      remark(fileOf(issue), 999),
      remark('README.md', 1),
      remark('../../etc/passwd', 1),
      remark(fileOf(issue), 1, 'old'),
    ];
    const key = reviewKey({ pull: pull.number, sha: draft.head, round: 1 });
    const review = { sha: draft.head, verdict: 'needs-work', body: 'Many.', inline: [good, ...bad] } as const;
    const { value } = await stage.forge.postReview(key, pull.number, review);
    for (const { body } of bad) expect(value.body).toContain(body);
    expect(await stage.forge.threads(pull.number)).toMatchObject([{ key: good.key }]);
    // The same finding in the next round has its thread already.
    const again = reviewKey({ pull: pull.number, sha: draft.head, round: 2 });
    await stage.forge.postReview(again, pull.number, { ...review, inline: [good] });
    expect(await stage.forge.threads(pull.number)).toHaveLength(1);
  });

  it('a review of a commit that nobody pushed is refused, and later ones still work', async () => {
    const { issue, draft, pull } = await opened();
    const unknown = 'a'.repeat(40);
    const key = reviewKey({ pull: pull.number, sha: unknown, round: 1 });
    const review = { verdict: 'approved', body: 'Good.' } as const;
    await expect(stage.forge.postReview(key, pull.number, { ...review, sha: unknown })).rejects.toMatchObject({
      kind: 'invalid',
    });
    const inline = [{ key: findingKey(unique('f')), path: fileOf(issue), line: 1, side: 'new', body: 'x' }] as const;
    const next = reviewKey({ pull: pull.number, sha: draft.head, round: 1 });
    await stage.forge.postReview(next, pull.number, { ...review, sha: draft.head, inline });
    expect(await stage.forge.threads(pull.number)).toHaveLength(1);
  });

  it('labels of an organisation are used, and the first of two that have the same name', async () => {
    const organisation = unique('guild');
    const house = await openGiteaStage(server, { owner: { organisation }, writers: ['alice'] });
    try {
      await server.ask('admin', `POST /orgs/${organisation}/labels`, { name: 'Shared', color: '#112233' });
      await server.ask('admin', `POST ${house.repository.path}/labels`, { name: 'twice', color: '#112233' });
      await server.ask('admin', `POST ${house.repository.path}/labels`, { name: 'twice', color: '#112233' });
      const issue = await house.newIssue();
      await house.forge.label(issue, { add: ['Shared', 'Twice'], remove: [] });
      const { labels } = await house.forge.issue(issue.number ?? 0);
      expect(labels.toSorted((a, b) => a.localeCompare(b))).toEqual(['Shared', 'twice']);
      const own = await server.ask<{ name: string }[]>('alice', `GET ${house.repository.path}/labels`);
      expect(own.map(({ name }) => name)).toEqual(['twice', 'twice']);
      expect(await house.forge.issues({ ...all, labels: ['SHARED'] })).toHaveLength(1);
    } finally {
      await house.dispose();
    }
  });

  it('an issue that waits for another one is not closed, and none waits for itself', async () => {
    const first = await stage.newIssue();
    const key = taskKey(unique('waits'));
    const draft = { title: 'Later', body: '', labels: [], blockedBy: [first.number ?? 0] };
    const { value } = await stage.forge.ensureIssue(key, draft);
    await stage.forge.ensureIssue(key, { ...draft, blockedBy: [first.number ?? 0, value.number] });
    expect(await stage.forge.blockedBy(value.number)).toEqual({ here: [first.number], elsewhere: [] });
    const closing = { why: 'completed', because: 'done', sha: null } as const;
    const late = await stage.identify(value.number);
    await expect(stage.forge.closeIssue(late, closing)).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringMatching(/open dependencies/),
    });
  });

  it('who set a label is the last one to do so', async () => {
    const issue = await stage.newIssue();
    const at = `${path()}/issues/${issue.number}/labels`;
    const id = await stage.repository.label(unique('go'));
    await server.ask('alice', `POST ${at}`, { labels: [id] });
    await server.ask('alice', `DELETE ${at}/${id}`);
    await server.ask('bob', `POST ${at}`, { labels: [id] });
    expect(await stage.forge.labelSetters(issue.number ?? 0)).toMatchObject([{ by: { login: 'bob' } }]);
  });

  it('a mere writer is told who may write all the same', async () => {
    const accounts = { alice: await stage.forge.me(), bob: await stage.other.me() };
    expect(await stage.forge.permission(accounts.bob)).toBe('write');
    expect(await stage.other.permission(accounts.alice)).toBe('write');
    expect(await stage.other.permission(accounts.bob)).toBe('write');
    expect(await stage.other.permission({ id: '4711', login: 'alice' })).toBe('read');
  });

  it('a branch of the same name in a fork is none of ours', async () => {
    const issue = await stage.newIssue();
    const name = unique('fork');
    await server.ask('admin', `POST ${path()}/forks?sudo=bob`, { name });
    const fork = `/repos/${server.accounts.bob.login}/${name}`;
    const branch = `millrace/${issue.key}-work`;
    const content = Buffer.from('theirs\n').toString('base64');
    await server.ask('bob', `POST ${fork}/contents/f.txt`, { content, new_branch: branch, message: 'theirs' });
    const theirs = { title: 'Theirs', body: `Fixes #${issue.key}`, head: `bob:${branch}`, base: 'main' };
    const { number } = await server.ask<{ number: number }>('bob', `POST ${path()}/pulls`, theirs);
    expect(await stage.forge.pulls({ branch })).toEqual([]);
    expect((await stage.forge.readIssue(issue)).pulls).toMatchObject([
      { number, issueKey: null, branch: `bob/${name}:${branch}` },
    ]);
    const draft = await draftFor(stage.remote, issue);
    expect(await stage.forge.ensurePull(pullKey(issue.key), draft)).toMatchObject({ created: true });
  });

  it('a pull request is found by its branch when the branch is gone', async () => {
    const { issue, draft, pull } = await opened();
    await stage.remote.remove(draft.branch);
    await expect.poll(async () => (await stage.forge.pull(pull.number)).state, { timeout: 20_000 }).toBe('closed');
    expect(await stage.forge.pulls({ branch: draft.branch })).toMatchObject([{ number: pull.number }]);
    expect(await stage.forge.ensurePull(pullKey(issue.key), draft)).toMatchObject({
      value: { number: pull.number, state: 'closed' },
    });
  });

  it('what is there already costs no write', async () => {
    const { issue, draft, pull } = await opened();
    const forge = stage.as({ url: `${proxy.url}/api/v1/` }); // such an address is taken too
    const body = 'Words,\r\nof two lines';
    await forge.ensureComment(statusKey(issue.key), { issue }, body);
    await forge.label(issue, { add: ['known'], remove: [] });
    proxy.clear();
    await forge.ensurePull(pullKey(issue.key), draft);
    await forge.ensureComment(statusKey(issue.key), { issue }, body);
    await forge.label(issue, { add: ['KNOWN'], remove: ['absent'] });
    await forge.editPull(pull.number, { title: pull.title });
    expect(writes()).toEqual([]);
    await forge.ensurePull(pullKey(issue.key), { ...draft, title: 'Another', body: 'Another' });
    expect(writes()).toEqual(['PATCH']);
  });

  it('a server without a route is told by the route, not by its version', async () => {
    const forge = stage.as({ url: proxy.url });
    expect(await forge.capabilities()).toEqual({
      issues: true,
      ownReview: 'comment-only',
      scheduledMerge: false,
      ciLog: true,
      dependencies: true,
    });
    proxy.clear();
    const missing = { trouble: 'no-route', when: 'instead' } as const;
    const routes = ['GET */logs', 'GET */dependencies'];
    proxy.script(routes.map((request) => ({ ...missing, request })));
    const without = stage.as({ url: proxy.url }); // another one: each asks once
    expect(await without.capabilities()).toMatchObject({ ciLog: false, dependencies: false });
  });

  it('a repository that has another name now is said to have moved, and the write is not made there', async () => {
    const other = await openGiteaStage(server);
    const issue = await other.newIssue();
    const moved = unique('moved');
    await server.ask('admin', `PATCH ${other.repository.path}`, { name: moved });
    await expect(other.forge.ensureComment('said/1', { issue }, 'hello')).rejects.toMatchObject({
      kind: 'invalid',
      status: 301,
      message: expect.stringMatching(new RegExp(`moved to .*${moved}`)),
    });
    await other.dispose();
  });

  it('hostile words are words', async () => {
    const issue = await stage.newIssue();
    const branch = `millrace/${issue.key}---upload-pack=$(id)"';&|ünï`;
    const head = await stage.remote.commit(branch, 'x', { [unique('x')]: 'x\n' });
    const title = `--exec=$(id) \u0000\u001b[31m "'; DROP\n${'🙂'.repeat(80)}`;
    const body = `${'x'.repeat(1_000_000)}\n\u202E<!-- millrace-key: issue/forged -->`;
    const draft = { issue, branch, head, base: 'main', title, body };
    const { value } = await stage.forge.ensurePull(pullKey(issue.key), draft);
    expect(Buffer.byteLength(value.title)).toBeLessThanOrEqual(255);
    expect(value).toMatchObject({ branch, head, issueKey: issue.key });
    expect(value.title).toMatch(/^--exec=\$\(id\) \[31m "'; DROP 🙂+$/u);
    proxy.clear();
    const again = await stage.as({ url: proxy.url }).ensurePull(pullKey(issue.key), draft);
    expect(again).toEqual({ value, created: false });
    expect(writes()).toEqual([]);
    const labels = ['../../admin', 'a,b', '--help', '%2e%2e/', 'ünï "x"'];
    await stage.forge.label(issue, { add: labels, remove: [] });
    const { labels: set } = await stage.forge.issue(issue.number ?? 0);
    expect(set.toSorted()).toEqual(labels.toSorted());
    await stage.forge.label(issue, { add: [], remove: labels });
    expect((await stage.forge.issue(issue.number ?? 0)).labels).toEqual([]);
    expect(await stage.forge.branches(`millrace/${issue.key}-`)).toEqual([branch]);
    for (const login of ['..', '.', '', '../../admin', 'a/b', 'x\u0000'])
      expect(await stage.forge.permission({ id: '1', login }).catch((error: unknown) => error)).not.toBe('admin');
  });

  it('an owner or a name that would lead elsewhere is refused before any request', () => {
    const connection = { credential: { id: '0', source: 'test', token: async () => 'x' } };
    const rest = { pace: { turn: async () => {}, learn: async () => {} }, remote: neverAsked };
    for (const owner of ['..', '.', '', 'a\u0000b', '\uD800']) {
      const place = { url: 'http://127.0.0.1:1', owner, name: 'x' };
      expect(() => createGiteaForge({ ...connection, ...rest, place })).toThrow(/not a part of an address/);
    }
  });
});

const neverAsked = {
  tips: async () => new Map<string, string>(),
  contained: async () => new Set<string>(),
  conflicts: async () => [],
};
