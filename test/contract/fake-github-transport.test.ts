import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createFakeGithub, type FakeGithub } from '../support/github/fake-github.ts';
import { octokitAs, openPull, repository } from '../support/github/octokit.ts';

// What schemas cannot say of GitHub, asked of the fake by GitHub's own client and by git.

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

describe('limits, faults and tokens', () => {
  it('a token that is none is refused, and scopes are told', async () => {
    await expect(as('', 'ghp_wrong').issues.listForRepo(repository)).rejects.toEqual(refusal(401, /Bad credentials/));
    expect((await as('millrace-bot').users.getAuthenticated()).headers['x-oauth-scopes']).toBe('repo');
  });

  it('what is left is told with every answer; an unchanged answer is free', async () => {
    fake.seedIssue();
    const bot = as('millrace-bot');
    const first = await bot.issues.listForRepo(repository);
    const left = Number(first.headers['x-ratelimit-remaining']);
    const again = bot.issues.listForRepo({ ...repository, headers: { 'if-none-match': first.headers.etag } });
    await expect(again).rejects.toMatchObject({ status: 304 });
    expect(Number((await bot.issues.listForRepo(repository)).headers['x-ratelimit-remaining'])).toBe(left - 1);
    fake.limit('millrace-bot', { remaining: 0 });
    await expect(bot.issues.listForRepo(repository)).rejects.toEqual(refusal(403, /API rate limit exceeded/));
    expect((await bot.rateLimit.get()).data.resources.core.remaining).toBe(0);
  });

  it('a secondary limit does nothing, and says how long to wait', async () => {
    const number = fake.seedIssue();
    fake.faults.add({ kind: 'secondary-limit', moment: 'instead', on: 'issues/create-comment', retryAfter: 7 });
    const comment = () => as('millrace-bot').issues.createComment({ ...repository, issue_number: number, body: 'one' });
    const error = await comment().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 403, response: { headers: { 'retry-after': '7' } } });
    expect(fake.comments(number)).toEqual([]);
    await comment();
    expect(fake.comments(number)).toHaveLength(1);
  });

  it.each([
    ['after', 'bad-gateway', 1],
    ['after', 'reset', 1],
    ['after', 'truncated', 1],
    ['instead', 'server-error', 0],
    ['instead', 'reset', 0],
    ['instead', 'html', 0],
  ] as const)('a fault %s the effect by %s leaves %i comments', async (moment, kind, count) => {
    const number = fake.seedIssue();
    fake.faults.add({ kind, moment, on: /^POST .*\/comments$/ });
    await as('millrace-bot')
      .issues.createComment({ ...repository, issue_number: number, body: 'one' })
      .catch(() => undefined);
    expect(fake.comments(number)).toHaveLength(count);
    expect(fake.requests.filter((each) => each.isWrite)).toMatchObject([
      { operation: 'issues/create-comment', fault: { kind, moment } },
    ]);
  });

  it('a fault before the effect lets it come behind the back of the next request', async () => {
    const number = fake.seedIssue();
    const at = { ...repository, issue_number: number };
    fake.faults.add({ kind: 'bad-gateway', moment: 'before', on: 'issues/create-comment' });
    await expect(as('millrace-bot').issues.createComment({ ...at, body: 'one' })).rejects.toMatchObject({
      status: 502,
    });
    expect((await as('millrace-bot').issues.listComments(at)).data).toEqual([]);
    await fake.settled();
    expect(fake.comments(number)).toHaveLength(1);
  });
});

describe('git', () => {
  const at = (token: string) => fake.remoteUrl.replace('http://', `http://x:${token}@`);
  const env = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' };
  const identity = ['-c', 'user.name=a', '-c', 'user.email=a@b.invalid'];

  it('fetches and pushes by token, and pull requests follow', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'millrace-clone-'));
    try {
      const { at: pull } = await opened();
      await execa('git', ['clone', '--quiet', '--branch', 'work', at(fake.token('millrace-bot')), dir], { env });
      expect(await readFile(join(dir, 'work.txt'), 'utf8')).toBe('one\ntwo\nthree\n');
      await writeFile(join(dir, 'work.txt'), 'x'.repeat(2_000_000));
      await execa('git', [...identity, 'commit', '--quiet', '-am', 'more'], { cwd: dir, env });
      await execa('git', ['push', '--quiet', 'origin', 'work'], { cwd: dir, env });
      const { stdout: head } = await execa('git', ['rev-parse', 'HEAD'], { cwd: dir, env });
      expect((await fake.pulls())[0]).toMatchObject({ number: pull.pull_number, head });
      expect(fake.requests.filter((each) => each.operation === 'git-push' && each.status === 200)).not.toEqual([]);
      const stranger = execa('git', ['push', at(fake.token('stranger')), 'HEAD:refs/heads/other'], { cwd: dir, env });
      await expect(stranger).rejects.toMatchObject({ exitCode: 128, stderr: expect.stringContaining('403') });
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });

  it.each(['wrong', ''])('refuses a token that reads %j', async (token) => {
    const listed = execa('git', ['-c', 'credential.helper=', 'ls-remote', at(token)], { env });
    await expect(listed).rejects.toMatchObject({
      exitCode: 128,
      stderr: expect.stringMatching(/Authentication failed|could not read/),
    });
  });
});
