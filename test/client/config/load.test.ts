import { readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { loadConfig, type LoadConfigInput } from '../../../client/config/load.ts';
import { jsonSchemas } from '../../../client/reference/schemas.ts';
import { noBudgets } from '../../../workflows/domain/settings.ts';
import { git, makeRepository, temporaryFolder, testEnv, writeFiles } from '../../support/git/user-repository.ts';

const script = 'profiles:\n  script: { agent: command, run: [node, agent.mjs] }\n';

async function load(repositoryPath: string, input: Partial<LoadConfigInput> = {}) {
  return loadConfig({ repositoryPath, configFile: null, env: testEnv(), overrides: {}, ...input });
}

async function repositoryWith(config: string): Promise<string> {
  const folder = join(await temporaryFolder(), 'My Repo');
  await makeRepository(folder, { 'millrace.yaml': config, 'src/a.txt': 'a\n' });
  return folder;
}

test('two lines are a configuration: everything else has a default', async () => {
  const folder = await repositoryWith(script);
  const { settings, notices, base } = await load(join(folder, 'src'));
  expect(settings).toMatchObject({
    version: 1,
    repository: { path: folder, remote: folder, base: 'main' },
    forge: 'local',
    roles: { implement: ['script'], fix: ['script'], review: ['script'], resolve: ['script'], triage: ['script'] },
    checks: [],
    worktree: { setup: [], copy: [] },
    review: { rounds: 3 },
    landing: 'none',
    batch: { width: 4 },
    budgets: noBudgets,
    prices: {},
    prompts: {},
    sandbox: 'auto',
  });
  expect(settings.profiles['script']).toEqual({
    name: 'script',
    agent: 'command',
    model: null,
    run: ['node', 'agent.mjs'],
    args: [],
    env: [],
    limits: { wallMs: 2_700_000, idleMs: 900_000, turns: null, costUsd: null, tokens: null },
    fallback: null,
  });
  expect(settings.repository.key).toMatch(/^My-Repo-[0-9a-f]{12}$/);
  expect(notices).toEqual(['no sandbox yet: agents run with your own rights']);
  expect(base).toEqual({ name: 'main', commit: await git(folder, 'rev-parse', 'HEAD') });
});

test('every line that can be written is taken over', async () => {
  const folder = await repositoryWith(`
version: 1
repository: { path: ., base: main }
forge: { kind: local }
profiles:
  one: { agent: command, run: [a, -b], model: m, args: [--x], env: [TOKEN], limits: { wall: 2h, idle: 90s, turns: 80, costUsd: 0.5 }, fallback: two }
  two: { agent: command, run: [b] }
  later: { agent: claude, model: opus }
roles: { implement: [one, two], review: two }
checks: [{ name: test, run: [npm, test] }, { name: lint, run: 'npm run lint', timeout: 90s }]
worktree: { setup: [[npm, ci], 'make'], copy: [.env] }
review: { rounds: 5 }
landing: direct
batch: { width: 7, budget: { costUsd: 20 } }
sandbox: off
`);
  const { settings, notices } = await load(folder);
  expect(settings).toMatchObject({
    forge: 'local',
    profiles: {
      one: {
        model: 'm',
        args: ['--x'],
        env: ['TOKEN'],
        fallback: 'two',
        limits: { wallMs: 7_200_000, idleMs: 90_000, turns: 80, costUsd: 0.5 },
      },
      later: { agent: 'claude', run: [] },
    },
    roles: {
      implement: ['one', 'two'],
      fix: ['one', 'two'],
      review: ['two'],
      resolve: ['one', 'two'],
      triage: ['one', 'two'],
    },
    checks: [
      { name: 'test', run: ['npm', 'test'], timeoutMs: 600_000 },
      { name: 'lint', run: 'npm run lint', timeoutMs: 90_000 },
    ],
    worktree: { setup: [['npm', 'ci'], 'make'], copy: ['.env'] },
    review: { rounds: 5 },
    landing: 'direct',
    batch: { width: 7 },
    budgets: { batch: { costUsd: 20, tokens: null } },
    sandbox: 'off',
  });
  expect(notices).toEqual([]);
});

test('the second profile reviews, and lines left empty are lines left out', async () => {
  const folder = await repositoryWith(
    `${script}  other: { agent: command, run: [b] }\nchecks:\nroles:\nbatch: { width: }\n`,
  );
  const { settings } = await load(folder);
  expect(settings.roles).toMatchObject({ implement: ['script'], review: ['other'], fix: ['script'] });
  expect(settings.batch.width).toBe(4);
});

test('flags win over the file', async () => {
  const folder = await repositoryWith(`${script}landing: none\nbatch: { width: 2 }\n`);
  const { settings } = await load(folder, { overrides: { width: '9', landing: 'direct' } });
  expect([settings.batch.width, settings.landing]).toEqual([9, 'direct']);
});

test('the committed configuration wins over the working tree, and the user is told how to use theirs', async () => {
  const folder = await repositoryWith(`${script}landing: none\n`);
  await writeFiles(folder, { 'millrace.yaml': `${script}landing: direct\n` });
  const trusted = await load(folder);
  expect(trusted.settings.landing).toBe('none');
  expect(trusted.notices[0]).toContain('--config millrace.yaml');
  const own = await load(folder, { configFile: 'millrace.yaml' });
  expect(own.settings.landing).toBe('direct');
});

test('a checked-out branch of somebody else does not decide: the default branch of origin does', async () => {
  const folder = await repositoryWith(script);
  const origin = join(await temporaryFolder(), 'origin.git');
  await git(folder, 'clone', '--quiet', '--bare', '.', origin);
  await git(folder, 'remote', 'add', 'origin', pathToFileURL(origin).href);
  await git(folder, 'fetch', '--quiet', 'origin');
  await git(folder, 'switch', '--quiet', '--create', 'theirs');
  await writeFiles(folder, { 'millrace.yaml': 'profiles:\n  evil: { agent: command, run: [evil] }\n' });
  await git(folder, 'commit', '--quiet', '--all', '--message=Theirs');
  const { settings, base } = await load(folder);
  expect(Object.keys(settings.profiles)).toEqual(['script']);
  expect(settings.repository).toMatchObject({ base: 'main', remote: origin });
  expect(base.commit).toBe(await git(folder, 'rev-parse', 'refs/remotes/origin/main'));
});

test('a configuration that is not committed yet is used, and said to be', async () => {
  const folder = join(await temporaryFolder(), 'repository');
  await makeRepository(folder, { 'README.md': '# New\n' });
  await writeFiles(folder, { 'millrace.yaml': script });
  const { settings, notices } = await load(folder);
  expect(settings.roles.implement).toEqual(['script']);
  expect(notices[0]).toContain('not committed on main');
});

test('a committed symbolic link is not followed', async () => {
  const folder = join(await temporaryFolder(), 'repository');
  await makeRepository(folder, { 'other.yaml': script });
  await symlink('other.yaml', join(folder, 'millrace.yaml'));
  await git(folder, 'add', '--all');
  await git(folder, 'commit', '--quiet', '--message=Link');
  await expect(load(folder)).rejects.toThrow('is not a regular file');
});

test('a bare repository, a linked worktree and a GIT_DIR of a hook name the same repository as its folder', async () => {
  const folder = await repositoryWith(script);
  const expected = (await load(folder)).settings;
  const linked = join(await temporaryFolder(), 'linked');
  await git(folder, 'worktree', 'add', '--quiet', '-b', 'side', linked);
  // Elsewhere HEAD is another branch, and the base with it: the identity is the same.
  expect((await load(linked)).settings.repository).toEqual({ ...expected.repository, base: 'side' });
  const env = { ...testEnv(), GIT_DIR: '/nonexistent/.git', GIT_WORK_TREE: '/' };
  expect((await load(folder, { env })).settings).toEqual(expected);
  const bare = join(await temporaryFolder(), 'bare.git');
  await git(folder, 'clone', '--quiet', '--bare', '.', bare);
  await git(bare, 'remote', 'remove', 'origin');
  const { repository } = (await load(bare)).settings;
  expect(repository).toMatchObject({ path: bare, remote: bare, base: 'main' });
  expect(repository.key).toMatch(/^bare-[0-9a-f]{12}$/);
});

test('an origin on the network is plain git where the configuration says so; its password is not in the key', async () => {
  const folder = await repositoryWith(`${script}forge: local\n`);
  await git(folder, 'remote', 'add', 'origin', 'https://user:one@example.com/x.git');
  const one = (await load(folder)).settings.repository;
  await git(folder, 'remote', 'set-url', 'origin', 'https://user:two@example.com/x.git');
  const two = (await load(folder)).settings.repository;
  expect(one.key).toBe(two.key);
  expect(two.remote).toBe('https://user:two@example.com/x.git');
});

test('loading runs nothing that the repository configures', async () => {
  const folder = await repositoryWith(script);
  const trap = join(folder, 'trap.sh');
  await writeFiles(folder, { 'trap.sh': `#!/bin/sh\ntouch '${join(folder, 'sprung')}'\n` });
  await git(folder, 'config', 'core.fsmonitor', `sh ${trap}`);
  await git(folder, 'config', 'core.hooksPath', folder);
  await git(folder, 'config', 'diff.x.textconv', `sh ${trap}`);
  await writeFiles(folder, { '.git/info/attributes': '*.yaml diff=x filter=x\n' });
  await git(folder, 'config', 'filter.x.smudge', `sh ${trap}`);
  await load(folder);
  await expect(readFile(join(folder, 'sprung'))).rejects.toThrow('ENOENT');
});

test('the JSON schemas in docs are those of the parser', async () => {
  for (const [path, schema] of Object.entries(jsonSchemas())) {
    const written: unknown = JSON.parse(await readFile(new URL(`../../../${path}`, import.meta.url), 'utf8'));
    expect(written, `${path} is out of date: run \`npm run docs\``).toEqual(JSON.parse(schema));
  }
});

test('prices make money of tokens; a budget that cannot count a profile says so', async () => {
  const profiles = `profiles:
  one: { agent: codex, model: gpt-5-codex, limits: { costUsd: 2 } }
  two: { agent: gemini }
batch: { budget: { costUsd: 20 } }
`;
  const prices = 'prices: { gpt-5-codex: { input: 1.25, output: 10 } }\n';
  const { settings, notices } = await load(await repositoryWith(`${profiles}${prices}`));
  expect(settings.prices).toEqual({ 'gpt-5-codex': { input: 1.25, output: 10, cached: 1.25 } });
  const uncounted = (words: readonly string[]) => words.filter((each) => each.startsWith('budgets do not count'));
  expect(uncounted(notices)).toEqual([
    expect.stringMatching(
      /^budgets do not count profile two: gemini does not report its cost; write `prices: \{ gemini:/,
    ),
  ]);
  const all = 'prices: { gpt-5-codex: { input: 1, output: 2 }, gemini: { input: 1, output: 2, cached: 0.1 } }\n';
  expect(uncounted((await load(await repositoryWith(`${profiles}${all}`))).notices)).toEqual([]);
});

test('prompts of the repository’s own are read from its base, and only from there', async () => {
  const folder = await repositoryWith(script);
  const own = 'Be brief.\n\n{{> issue}}\n{{> answer}}\n';
  await writeFiles(folder, { '.millrace/prompts/implement.md': own });
  expect((await load(folder)).settings.prompts).toEqual({});
  await git(folder, 'add', '--all');
  await git(folder, 'commit', '--quiet', '--message', 'prompts');
  expect((await load(folder)).settings.prompts).toEqual({ implement: own });
});
