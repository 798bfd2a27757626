import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { UsageError } from '../../../client/input/errors.ts';
import { dryRun, type Said } from '../../support/input/dry-run.ts';
import { goodConfig, planOf } from '../../support/input/good-input.ts';
import { createFakeGithub, type FakeGithub } from '../../support/github/fake-github.ts';
import type { FakeGithubOptions } from '../../support/github/opening.ts';
import { git, makeRepository, temporaryFolder, writeFiles } from '../../support/git/user-repository.ts';

interface Repository {
  readonly fake: FakeGithub;
  readonly folder: string;
  /** `start-batch ... --dry-run`, which asks what `start-batch` asks before it starts anything. */
  readonly start: (args: readonly string[], as: string | Readonly<Record<string, string>>) => Promise<Said>;
}

async function openRepository(options: FakeGithubOptions = {}): Promise<Repository> {
  const fake = await createFakeGithub(options);
  onTestFinished(() => fake.dispose());
  const folder = await temporaryFolder();
  const at = `forge: { kind: github, url: '${fake.url}', repo: ${fake.repo} }\n`;
  await makeRepository(folder, { 'millrace.yaml': `${goodConfig}${at}`, 'agent.mjs': '' });
  await git(folder, 'remote', 'add', 'origin', fake.remoteUrl);
  await writeFiles(folder, { 'plan.yaml': planOf('{ id: a, instructions: do it }') });
  const start = (args: readonly string[], as: string | Readonly<Record<string, string>>): Promise<Said> =>
    dryRun(folder, args, typeof as === 'string' ? { MILLRACE_GITHUB_TOKEN: fake.token(as) } : as);
  return { fake, folder, start };
}

const refusalOf = async (asked: Promise<unknown>) => {
  const error = await asked.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UsageError);
  return (error as UsageError).message;
};

test('a plan for a repository that takes it costs two requests', async () => {
  const { fake, start } = await openRepository();
  const { out } = await start(['plan.yaml'], 'millrace-bot');
  expect(out).toContain('1 issue');
  const asked = fake.requests.map(({ method, path }) => `${method} ${path}`);
  expect(asked.toSorted()).toEqual(['GET /repos/acme/widgets', 'GET /user']);
});

test('an archived repository is refused before anything starts, for a plan and for numbers', async () => {
  const { fake, start } = await openRepository();
  const number = fake.seedIssue();
  fake.settings.isArchived = true;
  for (const args of [['plan.yaml'], [String(number)], ['--label', 'x']]) {
    const message = await refusalOf(start(args, 'millrace-bot'));
    expect(message).toMatch(/^acme\/widgets at http:[^]*is archived[^]*try: take it out of the archive/);
  }
});

test('an account that may not push is refused, with what doctor says', async () => {
  const { fake, start } = await openRepository();
  const number = fake.seedIssue();
  for (const args of [['plan.yaml'], [String(number)]])
    expect(await refusalOf(start(args, 'stranger'))).toMatch(
      /stranger may not push here \(read\)[^]*try: give stranger/,
    );
});

test('a token without the scope is refused, however much its account may do', async () => {
  const { start } = await openRepository({ accounts: { narrow: { permission: 'admin', scopes: ['gist'] } } });
  expect(await refusalOf(start(['plan.yaml'], 'narrow'))).toMatch(/missing: scope repo.*scopes: gist/);
});

test('where issues are switched off numbers are refused, and a plan is not', async () => {
  const { fake, start } = await openRepository();
  fake.settings.hasIssues = false;
  expect(await refusalOf(start(['42'], 'millrace-bot'))).toMatch(/issues are switched off[^]*or give a plan/);
  expect((await start(['plan.yaml'], 'millrace-bot')).out).toContain('1 issue');
});

test('nobody without a credential gets as far as an agent', async () => {
  const { start } = await openRepository();
  expect(await refusalOf(start(['plan.yaml'], {}))).toContain('no credential for');
});

test('an App, of which GitHub says that it may not push, is not refused for it', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string;
  const { folder, start } = await openRepository({
    accounts: { maintainer: { permission: 'admin' }, 'mill[bot]': { permission: 'write', scopes: null } },
    app: { id: '12', installation: 7, publicKey: pem, account: 'mill[bot]' },
  });
  const key = join(folder, 'app.pem');
  await writeFile(key, privateKey.export({ type: 'pkcs1', format: 'pem' }));
  const app = { MILLRACE_GITHUB_APP_ID: '12', MILLRACE_GITHUB_APP_KEY_FILE: key };
  expect((await start(['plan.yaml'], app)).out).toContain('1 issue');
});

test('a forge that is away stops no plan, which waits for it anyway', async () => {
  const { fake, folder, start } = await openRepository();
  await git(folder, 'remote', 'set-url', 'origin', `http://127.0.0.1:1/${fake.repo}.git`);
  const token = { MILLRACE_GITHUB_TOKEN: fake.token('millrace-bot') };
  await writeFiles(folder, {
    'away.yaml': `${goodConfig}forge: { kind: github, url: 'http://127.0.0.1:1', repo: ${fake.repo} }\n`,
  });
  const { out, progress } = await start(['plan.yaml', '--config', 'away.yaml'], token);
  expect(out).toContain('1 issue');
  expect(progress).toEqual([expect.stringMatching(/whether http:\/\/127\.0\.0\.1:1 takes this work is not known: ./)]);
});

test('an issue goes by its address too; what is neither number nor address is told so, as it was typed', async () => {
  const { fake, start } = await openRepository();
  const number = fake.seedIssue({ title: 'By its address' });
  expect((await start([`${fake.url}/${fake.repo}/issues/${number}`], 'millrace-bot')).out).toContain('By its address');
  const elsewhere = start([`${fake.url}/acme/other/issues/${number}`], 'millrace-bot');
  expect(await refusalOf(elsewhere)).toContain('is an issue of 127.0.0.1');
  expect(await refusalOf(start(['-5'], 'millrace-bot'))).toContain('issues have no negative numbers');
});
