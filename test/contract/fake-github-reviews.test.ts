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

describe('a review', () => {
  it('is none for oneself, beyond a comment', async () => {
    const { at } = await opened();
    const review = (login: string, event: 'APPROVE' | 'REQUEST_CHANGES' | 'COMMENT') =>
      as(login).pulls.createReview({ ...at, event, body: 'Words.' });
    await expect(review('millrace-bot', 'APPROVE')).rejects.toEqual(
      refusal(422, /Can not approve your own pull request/),
    );
    await expect(review('millrace-bot', 'REQUEST_CHANGES')).rejects.toEqual(
      refusal(422, /Can not request changes on your own/),
    );
    await review('millrace-bot', 'COMMENT');
    await review('reviewer', 'APPROVE');
    expect(fake.reviews(at.pull_number).map((each) => each.state)).toEqual(['COMMENTED', 'APPROVED']);
  });

  it('speaks of lines that the diff shows, or nothing of it is kept', async () => {
    await fake.commit('main', { 'long.txt': Array.from({ length: 40 }, (_, index) => `${index + 1}\n`).join('') });
    await fake.commit('work', {
      'long.txt': Array.from({ length: 40 }, (_, index) => `${index === 19 ? 'x' : index + 1}\n`).join(''),
    });
    const { at } = await opened('work');
    const on = (path: string, line: number, side: 'LEFT' | 'RIGHT' = 'RIGHT') =>
      as('reviewer').pulls.createReview({
        ...at,
        event: 'COMMENT',
        body: '',
        comments: [{ path, line, side, body: 'Why?' }],
      });
    await expect(on('absent.txt', 1)).rejects.toEqual(refusal(422, /Path could not be resolved/));
    await expect(on('long.txt', 16)).rejects.toEqual(refusal(422, /Line could not be resolved/));
    await expect(on('long.txt', 24)).rejects.toEqual(refusal(422, /Line could not be resolved/));
    for (const line of [17, 20, 23]) await on('long.txt', line);
    await on('long.txt', 20, 'LEFT');
    expect(fake.inline(at.pull_number).map((each) => each.line)).toEqual([17, 20, 23, 20]);
    expect(fake.reviews(at.pull_number)).toHaveLength(4);
  });

  it('has threads that are answered and resolved', async () => {
    const { at } = await opened();
    const comments = [{ path: 'work.txt', line: 2, side: 'RIGHT', body: 'Why?' }];
    await as('reviewer').pulls.createReview({ ...at, event: 'COMMENT', comments });
    const [root] = fake.inline(at.pull_number);
    await as('millrace-bot').pulls.createReplyForReviewComment({ ...at, comment_id: root?.id ?? 0, body: 'Because.' });
    const threads = `query ($n: Int!) { repository(owner: "acme", name: "widgets") { pullRequest(number: $n) {
      reviewThreads(first: 10) { nodes { id isResolved comments(first: 10) { nodes { body } } } } } } }`;
    const read = async () =>
      (
        await as('millrace-bot').graphql<{
          repository: { pullRequest: { reviewThreads: { nodes: { id: string }[] } } };
        }>(threads, { n: at.pull_number })
      ).repository.pullRequest.reviewThreads.nodes;
    const [thread] = await read();
    expect(thread).toMatchObject({ isResolved: false, comments: { nodes: [{ body: 'Why?' }, { body: 'Because.' }] } });
    await as('millrace-bot').graphql(
      'mutation ($id: ID!) { resolveReviewThread(input: { threadId: $id }) { thread { id } } }',
      { id: thread?.id },
    );
    expect(await read()).toMatchObject([{ isResolved: true }]);
  });
});

describe('CI', () => {
  it('is asked for every pushed head, and again for what is started again', async () => {
    fake.onPush(async ({ attempt, read }) => [
      {
        name: 'test',
        conclusion: (await read('work.txt')) === 'good' || attempt > 1 ? 'success' : 'failure',
        log: `attempt ${attempt}`,
      },
      { name: 'legacy', conclusion: 'success', by: 'status' },
    ]);
    const { sha } = await opened();
    const bot = as('millrace-bot');
    const checks = async (ref: string) => (await bot.checks.listForRef({ ...repository, ref })).data.check_runs;
    const [check] = await checks(sha);
    expect(check).toMatchObject({ name: 'test', conclusion: 'failure', app: { slug: 'github-actions' } });
    const log = await bot.actions.downloadJobLogsForWorkflowRun({ ...repository, job_id: check?.id ?? 0 });
    expect(log.data).toBe('attempt 1');
    expect(new URL(log.url).origin).not.toBe(fake.url);
    await bot.actions.reRunJobForWorkflowRun({ ...repository, job_id: check?.id ?? 0 });
    expect(await checks(sha)).toMatchObject([{ name: 'test', conclusion: 'success' }]);
    const next = await fake.commit('work', { 'work.txt': 'good' });
    expect(await checks(next)).toMatchObject([{ conclusion: 'success' }]);
    const { data } = await bot.repos.getCombinedStatusForRef({ ...repository, ref: next });
    expect(data).toMatchObject({ state: 'success', statuses: [{ context: 'legacy' }] });
    fake.onPush(() => []);
  });

  it('of fine-grained tokens is closed to them', async () => {
    const accounts = { narrow: { permission: 'write', scopes: null } } as const;
    const other = await createFakeGithub({ accounts });
    const octokit = octokitAs(other, 'narrow');
    const checks = octokit.checks.listForRef({ ...repository, ref: 'main' });
    await expect(checks).rejects.toEqual(refusal(403, /Resource not accessible by personal access token/));
    const { headers } = await octokit.users.getAuthenticated();
    expect(headers['x-oauth-scopes']).toBeUndefined();
    await other.dispose();
  });
});
