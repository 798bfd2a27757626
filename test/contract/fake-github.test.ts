import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createFakeGithub, type FakeGithub } from '../support/github/fake-github.ts';
import { octokitAs, openPull, repository } from '../support/github/octokit.ts';

// What schemas cannot say of GitHub, asked of the fake by GitHub's own client.

let fake: FakeGithub;
const as = (login: string, token?: string) => octokitAs(fake, login, token);
const opened = (branch?: string) => openPull(fake, branch);
const refusal = (status: number, words: RegExp) =>
  expect.objectContaining({ status, message: expect.stringMatching(words) });

beforeAll(async () => {
  fake = await createFakeGithub();
});
afterEach(() => fake.reset());
afterAll(() => fake.dispose());

describe('issues', () => {
  it('come in pages, pull requests among them', async () => {
    for (let index = 0; index < 34; index += 1) fake.seedIssue();
    await opened();
    const bot = as('millrace-bot');
    const first = await bot.issues.listForRepo({ ...repository, per_page: 10, sort: 'created', direction: 'asc' });
    expect(first.data.map((each) => each.number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(first.headers.link).toMatch(/page=2>; rel="next", .*page=4>; rel="last"/);
    const all = await bot.paginate(bot.issues.listForRepo, { ...repository, per_page: 10 });
    expect(all.map((each) => each.number)).toEqual(Array.from({ length: 35 }, (_, index) => 35 - index));
    expect(all.filter((each) => each.pull_request).map((each) => each.number)).toEqual([35]);
  });

  it('are found by label, milestone, assignee and author', async () => {
    const wanted = fake.seedIssue({
      labels: ['Bug', 'ready'],
      milestone: 'v1',
      assignees: ['reviewer'],
      author: 'stranger',
    });
    fake.seedIssue({ labels: ['bug'] });
    const bot = as('millrace-bot');
    const filters = [{ labels: 'bug,ready' }, { milestone: '1' }, { assignee: 'reviewer' }, { creator: 'stranger' }];
    for (const filter of filters) {
      const { data } = await bot.issues.listForRepo({ ...repository, ...filter });
      expect(data.map((each) => each.number)).toEqual([wanted]);
    }
    await expect(bot.issues.listForRepo({ ...repository, milestone: 'v1' })).rejects.toEqual(
      refusal(422, /Validation Failed/),
    );
  });

  it('tell who labelled them and what refers to them', async () => {
    const number = fake.seedIssue({ labels: ['ready'], labelledBy: 'maintainer', author: 'stranger' });
    await fake.commit('work', { 'a.txt': 'a' });
    const bot = as('millrace-bot');
    await bot.pulls.create({ ...repository, head: 'work', base: 'main', title: 'T', body: `Closes #${number}` });
    const { data } = await bot.issues.listEventsForTimeline({ ...repository, issue_number: number });
    expect(data).toMatchObject([
      { event: 'labeled', actor: { login: 'maintainer' }, label: { name: 'ready' } },
      { event: 'cross-referenced', source: { issue: { number: number + 1, pull_request: {} } } },
    ]);
  });

  it("keep dependencies by the blocker's id, and say who may write", async () => {
    const [blocker, blocked] = [fake.seedIssue(), fake.seedIssue()];
    const bot = as('millrace-bot');
    const at = { ...repository, issue_number: blocked };
    await bot.issues.addBlockedByDependency({ ...at, issue_id: fake.issue(blocker).id });
    const { data } = await bot.issues.listDependenciesBlockedBy(at);
    expect(data.map((each) => each.number)).toEqual([blocker]);
    const permission = async (username: string) =>
      (await bot.repos.getCollaboratorPermissionLevel({ ...repository, username })).data.permission;
    expect(await permission('maintainer')).toBe('admin');
    expect(await permission('stranger')).toBe('read');
  });

  it('an absent label is not found, an unknown one is made', async () => {
    const at = { ...repository, issue_number: fake.seedIssue() };
    const bot = as('millrace-bot');
    expect((await bot.issues.addLabels({ ...at, labels: ['new one'] })).data.map((each) => each.name)).toEqual([
      'new one',
    ]);
    await bot.issues.removeLabel({ ...at, name: 'NEW one' });
    await expect(bot.issues.removeLabel({ ...at, name: 'new one' })).rejects.toEqual(
      refusal(404, /Label does not exist/),
    );
    const stranger = as('stranger').issues.addLabels({ ...at, labels: ['ready'] });
    await expect(stranger).rejects.toEqual(refusal(403, /Resource not accessible/));
  });

  it('a search lags behind until its index is brought up', async () => {
    fake.settings.searchLags = true;
    fake.seedIssue({ title: 'A "quoted" parser' });
    const search = async () =>
      (await as('millrace-bot').search.issuesAndPullRequests({ q: 'repo:acme/widgets is:issue is:open parser' })).data
        .total_count;
    expect(await search()).toBe(0);
    fake.indexSearch();
    expect(await search()).toBe(1);
    fake.settings.searchLags = false;
  });
});

describe('pull requests', () => {
  it('of the same branch are refused while one is open', async () => {
    const { at } = await opened();
    const again = () => as('millrace-bot').pulls.create({ ...repository, head: 'work', base: 'main', title: 'T' });
    await expect(again()).rejects.toEqual(refusal(422, /A pull request already exists for acme:work/));
    await as('millrace-bot').pulls.update({ ...at, state: 'closed' });
    expect((await again()).data.number).toBe(at.pull_number + 1);
    await expect(as('millrace-bot').pulls.update({ ...at, state: 'open' })).rejects.toEqual(
      refusal(422, /already an open pull request/),
    );
  });

  it('without commits, head or base are refused', async () => {
    const bot = as('millrace-bot');
    await fake.remote.git.run(['update-ref', 'refs/heads/empty', await fake.remote.tip('main')]);
    const create = (head: string, base: string) => bot.pulls.create({ ...repository, head, base, title: 'T' });
    await expect(create('empty', 'main')).rejects.toEqual(refusal(422, /No commits between main and empty/));
    await expect(create('absent', 'main')).rejects.toEqual(refusal(422, /"field":"head".*invalid/));
    await expect(create('empty', 'absent')).rejects.toEqual(refusal(422, /"field":"base".*invalid/));
  });

  it('do not know at first whether they can be merged', async () => {
    const { at } = await opened();
    const mergeable = async () => (await as('millrace-bot').pulls.get(at)).data.mergeable;
    expect([await mergeable(), await mergeable()]).toEqual([null, true]);
    await fake.commit('main', { 'work.txt': 'something else\n' });
    expect([await mergeable(), await mergeable()]).toEqual([null, false]);
  });

  it('follow their branches: pushed, merged by hand, deleted', async () => {
    const { at } = await opened();
    const head = await fake.commit('work', { 'more.txt': 'more' });
    expect((await as('millrace-bot').pulls.get(at)).data.head.sha).toBe(head);
    expect(await fake.remote.git.run(['rev-parse', `refs/pull/${at.pull_number}/head`])).toBe(head);
    const merged = await fake.remote.merge('work');
    expect((await as('millrace-bot').pulls.get(at)).data).toMatchObject({ merged: true, merge_commit_sha: merged });
    const other = await opened('other');
    await fake.remote.git.run(['update-ref', '-d', 'refs/heads/other']);
    expect((await as('millrace-bot').pulls.get(other.at)).data).toMatchObject({ state: 'closed', merged: false });
  });
});

describe('a merge', () => {
  it('is refused for another head than the one that was seen', async () => {
    const { at, sha } = await opened();
    await fake.commit('work', { 'more.txt': 'more' });
    await expect(as('millrace-bot').pulls.merge({ ...at, sha })).rejects.toEqual(
      refusal(409, /Head branch was modified/),
    );
  });

  it('is refused without the status that a rule demands', async () => {
    fake.settings.rules = { main: { requiredStatuses: ['ci'], approvals: 0, strict: false } };
    const { at, sha } = await opened();
    const merge = () => as('millrace-bot').pulls.merge({ ...at, sha });
    await expect(merge()).rejects.toEqual(refusal(405, /Required status check "ci" is expected/));
    await fake.setStatus(sha, 'ci', 'failure');
    await expect(merge()).rejects.toEqual(refusal(405, /Required status check "ci" is failing/));
    await fake.setStatus(sha, 'ci', 'success');
    expect((await merge()).data.merged).toBe(true);
    await expect(merge()).rejects.toEqual(refusal(405, /not mergeable/));
    fake.settings.rules = {};
  });

  it.each(['merge', 'squash', 'rebase'] as const)(
    'by %s is made by git, and closes what it says it closes',
    async (method) => {
      const number = fake.seedIssue();
      const { at } = await opened();
      const sha = await fake.commit('work', { 'second.txt': 'second' }, 'second');
      await fake.commit('main', { 'meanwhile.txt': 'meanwhile' });
      await as('millrace-bot').pulls.update({ ...at, body: `Words.\n\nCloses #${number}\n` });
      const { data } = await as('millrace-bot').pulls.merge({
        ...at,
        sha,
        merge_method: method,
        commit_title: 'Title',
      });
      const tip = await fake.remote.tip('main');
      expect(tip).toBe(data.sha);
      expect(await fake.remote.git.run(['ls-tree', '--name-only', tip])).toBe('meanwhile.txt\nsecond.txt\nwork.txt');
      const parents = { merge: 2, squash: 1, rebase: 1 }[method];
      expect((await fake.remote.git.run(['log', '-1', '--format=%P', tip])).split(' ')).toHaveLength(parents);
      expect(fake.issue(number)).toMatchObject({ state: 'closed', stateReason: 'completed' });
      expect((await fake.pulls())[0]).toMatchObject({ state: 'merged', mergeSha: tip });
    },
  );

  it('on green is refused where nothing is awaited, and done when the last status comes', async () => {
    const { node, sha, number } = await opened();
    const bot = as('millrace-bot');
    const document =
      'mutation ($input: EnablePullRequestAutoMergeInput!) { enablePullRequestAutoMerge(input: $input) { pullRequest { number } } }';
    const enable = (expectedHeadOid = sha) =>
      bot.graphql(document, { input: { pullRequestId: node, expectedHeadOid, mergeMethod: 'SQUASH' } });
    await expect(enable()).rejects.toThrow(/is in clean status/);
    await fake.setStatus(sha, 'optional', 'pending');
    await expect(enable()).rejects.toThrow(/is in unstable status/);
    fake.settings.rules = { main: { requiredStatuses: ['ci', 'optional'], approvals: 0, strict: false } };
    fake.settings.allowAutoMerge = false;
    await expect(enable()).rejects.toThrow(/Auto merge is not allowed for this repository/);
    fake.settings.allowAutoMerge = true;
    await expect(enable('a'.repeat(40))).rejects.toThrow(/Head branch was modified/);
    await enable();
    await fake.setStatus(sha, 'ci', 'success');
    expect((await fake.pulls())[0]).toMatchObject({ number, state: 'open', isScheduled: true });
    await bot.repos.createCommitStatus({ ...repository, sha, state: 'success', context: 'optional' });
    expect((await fake.pulls())[0]).toMatchObject({ number, state: 'merged', isScheduled: false });
    fake.settings.rules = {};
  });
});
