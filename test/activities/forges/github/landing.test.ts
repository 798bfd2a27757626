import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createGithubForge } from '../../../../activities/forges/github.ts';
import type { Forge } from '../../../../activities/forges/forge.ts';
import type { MergeOrder } from '../../../../activities/forges/pull.ts';
import { pullKey, taskKey } from '../../../../activities/forges/key.ts';
import { connectTo, type WatchedConnection } from '../../../support/forge/forge-connection.ts';
import { draftFor } from '../../../support/forge/forge-behaviour.ts';
import { createFakeGithub, type FakeGithub } from '../../../support/github/fake-github.ts';

let fake: FakeGithub;
let watched: WatchedConnection;
let forge: Forge;

beforeAll(async () => {
  fake = await createFakeGithub({
    accounts: {
      maintainer: { permission: 'admin' },
      'millrace-bot': { permission: 'write' },
      fine: { permission: 'write', scopes: null },
      narrow: { permission: 'read', scopes: ['gist'] },
    },
  });
  watched = await connect('millrace-bot');
  forge = createGithubForge(watched.connection);
});
beforeEach(() => {
  fake.settings.allowAutoMerge = true;
  fake.settings.rules = {};
});
afterAll(async () => {
  await watched.dispose();
  await fake.dispose();
});

const connect = (login: string) => connectTo({ place: fake.place, token: fake.token(login), remote: fake.remote.dir });

const newIssue = () => {
  const number = fake.seedIssue({ title: 'Wrong', body: 'Mend it.' });
  return { id: String(number), key: String(number), textHash: 'a'.repeat(64), number };
};

async function opened() {
  const issue = newIssue();
  const draft = await draftFor(fake.remote, issue);
  const { value: pull } = await forge.ensurePull(pullKey(issue.key), draft);
  return { issue, draft, pull };
}

const onGreen = (sha: string): MergeOrder => ({
  method: 'squash',
  sha,
  when: 'on-green',
  title: 'Land',
  message: 'Why.',
});

describe('on green GitHub', () => {
  const demand = (requiredStatuses: readonly string[]) => {
    fake.settings.rules = { main: { requiredStatuses, approvals: 0, strict: false } };
  };

  it('merges now what is green already, by the reviewed sha', async () => {
    demand(['ci/must']);
    const { draft, pull } = await opened();
    await forge.setStatus(draft.head, { context: 'ci/must', state: 'success', text: 'ok' });
    expect(await forge.merge(pull.number, onGreen(draft.head))).toMatchObject({ kind: 'merged' });
    expect(await fake.remote.git.run(['log', '-1', '--format=%s', 'main'])).toBe('Land');
  });

  it('does not fall through to a merge where an optional check is red', async () => {
    demand(['ci/must']);
    const { draft, pull } = await opened();
    await forge.setStatus(draft.head, { context: 'ci/must', state: 'success', text: 'ok' });
    await forge.setStatus(draft.head, { context: 'ci/may', state: 'failure', text: 'red' });
    const merge = await forge.merge(pull.number, onGreen(draft.head));
    expect(merge).toMatchObject({ kind: 'blocked', reason: expect.stringMatching(/unstable/) });
    expect((await forge.pull(pull.number)).state).toBe('open');
  });

  it('says how to turn it on where the repository does not allow it', async () => {
    fake.settings.allowAutoMerge = false;
    demand(['ci/must']);
    const { draft, pull } = await opened();
    expect((await forge.capabilities()).scheduledMerge).toBe(false);
    const merge = await forge.merge(pull.number, onGreen(draft.head));
    expect(merge).toMatchObject({ kind: 'blocked', reason: expect.stringContaining('Allow auto-merge') });
  });

  it('takes a merge back, and again', async () => {
    demand(['ci/must']);
    const { draft, pull } = await opened();
    expect(await forge.merge(pull.number, onGreen(draft.head))).toEqual({ kind: 'scheduled' });
    await forge.cancelMerge(pull.number);
    await forge.cancelMerge(pull.number);
    await forge.setStatus(draft.head, { context: 'ci/must', state: 'success', text: 'ok' });
    expect((await forge.pull(pull.number)).state).toBe('open');
  });

  it('has scheduled what is scheduled', async () => {
    demand(['ci/must']);
    const { draft, pull } = await opened();
    await forge.merge(pull.number, onGreen(draft.head));
    expect(await forge.merge(pull.number, onGreen(draft.head))).toEqual({ kind: 'scheduled' });
  });
});

describe('a merge on GitHub', () => {
  it('by a method that the repository does not take is told, not tried otherwise', async () => {
    fake.settings.mergeMethods = ['squash'];
    const { draft, pull } = await opened();
    const order = { ...onGreen(draft.head), when: 'now', method: 'rebase' } as const;
    expect(await forge.merge(pull.number, order)).toMatchObject({
      kind: 'blocked',
      reason: expect.stringMatching(/405/),
    });
    fake.settings.mergeMethods = ['merge', 'squash', 'rebase'];
    expect(await forge.merge(pull.number, order)).toMatchObject({ kind: 'merged' });
  });

  it('closes the issue, until somebody opens it again', async () => {
    const { issue, draft, pull } = await opened();
    await forge.merge(pull.number, { ...onGreen(draft.head), when: 'now' });
    const because = { state: 'closed', closedBecause: `pull request #${pull.number} was merged` };
    expect(await forge.readIssue(issue)).toMatchObject(because);
    const reopened = await fetch(`${fake.apiUrl}/repos/${fake.repo}/issues/${issue.number}`, {
      method: 'PATCH',
      headers: {
        authorization: `token ${fake.token('maintainer')}`,
        'content-type': 'application/json',
        'user-agent': 'a person',
      },
      body: JSON.stringify({ state: 'open' }),
    });
    expect(reopened.status).toBe(200);
    expect(await forge.readIssue(issue)).toMatchObject({
      state: 'open',
      closedBecause: null,
      pulls: [{ state: 'merged' }],
    });
  });
});

describe('the pull request of somebody else is for an issue', () => {
  /** A pull request by hand, with that text. */
  async function byHand(body: string): Promise<number> {
    const theirs = await connect('maintainer');
    const branch = `by-hand-${newIssue().number}`;
    const head = await fake.commit(branch, { [`${branch}.txt`]: 'x\n' });
    const draft = { issue: newIssue(), branch, head, base: 'main', title: 'By hand', body };
    const { value } = await createGithubForge(theirs.connection).ensurePull(`hand/${branch}`, draft);
    await theirs.dispose();
    return value.number;
  }
  const pullsOf = async (issue: ReturnType<typeof newIssue>) => (await forge.readIssue(issue)).pulls;

  it('by `GH-` and its number, as GitHub reads it', async () => {
    const issue = newIssue();
    const pull = await byHand(`Fixes GH-${issue.number}`);
    expect(await pullsOf(issue)).toMatchObject([{ number: pull, state: 'open', issueKey: null }]);
  });

  it('when it was linked without a word, which is asked about only where one was', async () => {
    const [issue, unlinked] = [newIssue(), newIssue()];
    const pull = await byHand('Words.');
    fake.link(pull, issue.number, 'maintainer');
    const graphql = () => fake.requests.filter(({ operation }) => operation === 'graphql').length;
    const before = graphql();
    expect(await pullsOf(unlinked)).toEqual([]);
    expect(graphql()).toBe(before);
    expect(await pullsOf(issue)).toMatchObject([{ number: pull, state: 'open', issueKey: null }]);
    expect(graphql()).toBe(before + 1);
  });
});

describe('two workers at once', () => {
  it('file one issue of a task, and one pull request of a branch', async () => {
    const other = createGithubForge({ ...watched.connection, place: { ...fake.place, url: `${fake.place.url}/` } });
    const draft = { title: 'A task', body: 'Do it.', labels: [], blockedBy: [] };
    const key = taskKey('both');
    const [one, two] = await Promise.all([forge.ensureIssue(key, draft), other.ensureIssue(key, draft)]);
    const last = await forge.ensureIssue(key, draft);
    expect([one.value.number, two.value.number]).toContain(last.value.number);
    const all = await forge.issues({ labels: [], milestone: null, assignee: null, search: null });
    expect(all.filter(({ title }) => title === 'A task')).toHaveLength(1);
    const issue = newIssue();
    const pull = await draftFor(fake.remote, issue);
    const made = await Promise.all([forge, other].map((each) => each.ensurePull(pullKey(issue.key), pull)));
    expect(new Set(made.map(({ value }) => value.number)).size).toBe(1);
  });
});

describe('an open pull request that is adopted', () => {
  it('is edited where its title or base differs, and nowhere else', async () => {
    const { issue, draft, pull } = await opened();
    fake.requests.length = 0;
    await forge.ensurePull(pullKey(issue.key), { ...draft, body: 'Other words.' });
    expect(fake.requests.filter(({ isWrite }) => isWrite)).toEqual([]);
    const again = await forge.ensurePull(pullKey(issue.key), { ...draft, title: 'A better title' });
    expect(again).toMatchObject({ created: false, value: { number: pull.number, title: 'A better title' } });
    expect(fake.requests.filter(({ isWrite }) => isWrite)).toHaveLength(1);
  });

  it('is not one that somebody else opened for the branch', async () => {
    const issue = newIssue();
    const draft = await draftFor(fake.remote, issue);
    const theirs = await connect('maintainer');
    const { value } = await createGithubForge(theirs.connection).ensurePull(pullKey(issue.key), draft);
    await expect(forge.ensurePull(pullKey(issue.key), draft)).rejects.toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining(`#${value.number} of maintainer is open`),
    });
    await theirs.dispose();
  });
});

describe('what a credential may do on GitHub', () => {
  it('is told of a fine-grained token, which cannot read checks', async () => {
    const fine = await connect('fine');
    const { draft } = await opened();
    const other = createGithubForge(fine.connection);
    expect(await other.inspect('main')).toMatchObject({
      scopes: null,
      missing: [{ right: 'ci', words: expect.stringMatching(/^checks: read/) as string }],
    });
    expect(await other.ci(draft.head, 'main')).toMatchObject({ complete: false });
    await fine.dispose();
  });

  it('is told of a token with too few scopes', async () => {
    const narrow = await connect('narrow');
    const told = await createGithubForge(narrow.connection).inspect('main');
    expect(told).toMatchObject({ permission: 'read', scopes: ['gist'] });
    expect(told.missing).toEqual([
      { right: 'pull-requests', words: expect.stringMatching(/^scope repo/) as string },
      { right: 'push', words: expect.stringMatching(/push/) as string },
    ]);
    await narrow.dispose();
  });

  it('is told with the rules of the base and what is left of the hour', async () => {
    fake.settings.rules = { main: { requiredStatuses: ['ci/must'], approvals: 2, strict: false } };
    expect(await forge.inspect('main')).toMatchObject({
      server: expect.stringMatching(/^GitHub Enterprise Server \d/),
      permission: 'write',
      autoMerge: true,
      mergeMethods: ['merge', 'squash', 'rebase'],
      base: { exists: true, requiredChecks: ['ci/must'], requiredApprovals: 2 },
      limit: { limit: expect.any(Number), remaining: expect.any(Number), resetsAt: expect.any(Number) },
    });
  });
});
