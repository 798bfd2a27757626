import { join } from 'node:path';
import fc from 'fast-check';
import picomatch from 'picomatch';
import { expect, test } from 'vitest';
import { loadConfig, type Purpose } from '../../../client/config/load.ts';
import { readOrigin } from '../../../client/config/repository/origin.ts';
import type { Overrides } from '../../../client/config/overrides.ts';
import { resolveForge } from '../../../client/config/place.ts';
import { UsageError } from '../../../client/input/errors.ts';
import type { Settings } from '../../../workflows/domain/settings.ts';
import { git, makeRepository, temporaryFolder, testEnv } from '../../support/git/user-repository.ts';

const script = 'profiles:\n  script: { agent: command, run: [node, agent.mjs] }\n';

async function settingsOf(
  config: string,
  from: { readonly origin?: string; readonly overrides?: Overrides; readonly purpose?: Purpose } = {},
): Promise<Settings & { readonly notices: readonly string[] }> {
  const folder = join(await temporaryFolder(), 'shop');
  await makeRepository(folder, { 'millrace.yaml': `${script}${config}` });
  if (from.origin !== undefined) await git(folder, 'remote', 'add', 'origin', from.origin);
  const { overrides = {}, purpose = 'work' } = from;
  const loaded = await loadConfig({ repositoryPath: folder, configFile: null, env: testEnv(), overrides, purpose });
  return { ...loaded.settings, notices: loaded.notices };
}

test('issues are filed without a profile, and nothing is worked on without one', async () => {
  const repositoryPath = join(await temporaryFolder(), 'shop');
  await makeRepository(repositoryPath, { 'README.md': 'x' });
  await git(repositoryPath, 'remote', 'add', 'origin', 'https://github.com/acme/shop.git');
  const from = { repositoryPath, configFile: null, env: testEnv(), overrides: {} };
  const { settings, notices } = await loadConfig({ ...from, purpose: 'filing' });
  expect(settings).toMatchObject({ forge: 'github', profiles: {}, roles: { implement: [] } });
  expect(notices.join()).not.toContain('sandbox');
  await expect(loadConfig(from)).rejects.toThrow('there is no profile: no agent to run');
});

const github = 'https://github.com';

test.for<[string, string, string, string | null]>([
  ['https', 'https://github.com/acme/shop.git', 'github', `${github} acme shop`],
  ['https without .git', 'https://github.com/acme/shop', 'github', `${github} acme shop`],
  ['a slash at its end', 'https://github.com/acme/shop/', 'github', `${github} acme shop`],
  ['upper case', 'https://GitHub.com/Acme/Shop', 'github', `${github} Acme Shop`],
  ['ssh as git writes it', 'git@github.com:acme/shop.git', 'github', `${github} acme shop`],
  ['ssh with a slash', 'git@github.com:/acme/shop.git', 'github', `${github} acme shop`],
  ['ssh through the port of https', 'ssh://git@ssh.github.com:443/acme/shop.git', 'github', `${github} acme shop`],
  ['the old git protocol', 'git://github.com/acme/shop.git', 'github', `${github} acme shop`],
  ['a name that only begins so', 'https://github.com.evil.example/a/b', 'gitea', 'https://github.com.evil.example a b'],
  ['a name that only ends so', 'https://notgithub.com/a/b', 'gitea', 'https://notgithub.com a b'],
  ['data residency', 'https://acme.ghe.com/a/b', 'github', 'https://acme.ghe.com a b'],
  ['another host', 'https://git.example.com/acme/shop.git', 'gitea', 'https://git.example.com acme shop'],
  ['http with a port', 'http://127.0.0.1:3000/acme/shop.git', 'gitea', 'http://127.0.0.1:3000 acme shop'],
  ['below a path', 'https://host.example/git/acme/shop', 'gitea', 'https://host.example/git acme shop'],
  ['ssh', 'git@git.example.com:acme/shop.git', 'gitea', 'https://git.example.com acme shop'],
  ['ssh with a port', 'ssh://git@git.example.com:2222/acme/shop', 'gitea', 'https://git.example.com acme shop'],
  ['IPv6', 'http://[::1]:3000/acme/shop', 'gitea', 'http://[::1]:3000 acme shop'],
  ['dots in names', 'https://git.example.com/a.b/.github', 'gitea', 'https://git.example.com a.b .github'],
])('an origin by %s is found', async ([, origin, forge, place]) => {
  const settings = await settingsOf('', { origin });
  expect(settings.forge).toBe(forge);
  expect(place).toBe([settings.place?.url, settings.place?.owner, settings.place?.name].join(' '));
  expect(settings.repository.remote).toBe(origin);
});

test('a path on disk is the local forge, which has neither a place nor labels nor CI', async () => {
  const { forge, place, issues, ci, landingRules } = await settingsOf('');
  expect([forge, place, issues, ci]).toEqual(['local', undefined, undefined, undefined]);
  expect(landingRules).toMatchObject({ method: 'merge', branches: ['main'], deleteBranch: false });
  const isProtected = picomatch([...(landingRules?.protect ?? [])], { dot: true, nocase: true });
  const steering = ['.github/workflows/ci.yml', '.woodpecker.yml', '.drone.yml', 'AGENTS.md', 'packages/a/claude.md'];
  const settings = ['packages/a/.claude/settings.json', '.gemini/settings.json', 'opencode.json', '.mcp.json'];
  for (const path of [...steering, ...settings, '.opencode/agent/x.md', '.pi/settings.json', 'millrace.yaml'])
    expect(isProtected(path), path).toBe(true);
  for (const path of ['src/index.ts', 'docs/agents-guide.md', 'package-lock.json'])
    expect(isProtected(path), path).toBe(false);
});

test.for<[string, string, Overrides, string, string]>([
  [
    'a path and all three',
    '{ kind: github, url: "http://127.0.0.1:4010", repo: o/r }',
    {},
    '',
    'github http://127.0.0.1:4010 o r',
  ],
  ['an enterprise', '{ kind: github }', {}, 'git@ghe.corp:o/r', 'github https://ghe.corp o r'],
  ['a path and GitHub', '{ kind: github, repo: o/r }', {}, '', 'github https://github.com o r'],
  [
    'a mirror elsewhere',
    '{ kind: gitea, url: "https://host/git/", repo: o/r }',
    {},
    'git@github.com:x/y',
    'gitea https://host/git o r',
  ],
  [
    'ssh to one below a path',
    '{ kind: gitea, url: "https://host/git" }',
    {},
    'ssh://git@host:2222/o/r.git',
    'gitea https://host/git o r',
  ],
  [
    'the address of the API',
    '{ kind: gitea, url: "https://host/git/api/v1" }',
    {},
    'git@host:o/r',
    'gitea https://host/git o r',
  ],
  ['a flag for the kind', 'local', { forge: 'github' }, 'git@github.com:o/r', 'github https://github.com o r'],
  ['a flag against the file', '{ kind: gitea, url: "https://x", repo: a/b }', { forge: 'local' }, 'git@h:o/r', 'local'],
  [
    'a flag for the repository',
    '{ kind: gitea, url: "https://x", repo: a/b }',
    { repo: 'c/d' },
    'git@h:o/r',
    'gitea https://x c d',
  ],
  ['flags for all', 'auto', { forge: 'gitea', forgeUrl: 'http://h:3000', repo: 'c/d' }, '', 'gitea http://h:3000 c d'],
  [
    'another kind by flag: the address of the file is not its',
    '{ kind: gitea, url: "https://x", repo: a/b }',
    { forge: 'github' },
    'git@github.com:o/r',
    'github https://github.com o r',
  ],
])('what is written wins over origin: %s', async ([, written, overrides, origin, expected]) => {
  const from = { ...(origin ? { origin } : {}), overrides, purpose: 'filing' as const };
  const settings = await settingsOf(`forge: ${written}\n`, from);
  const { url, owner, name } = settings.place ?? {};
  expect([settings.forge, url, owner, name].filter((each) => each !== undefined).join(' ')).toBe(expected);
});

const at = (kind: string, url: string, repo: string) => `{ kind: ${kind}, url: "${url}", repo: ${repo} }`;

test.for<[string, string, string | null, readonly string[]]>([
  [
    'no origin at all',
    at('github', 'https://github.com', 'acme/shop'),
    null,
    ['a path on this disk', 'git remote add origin https://github.com/acme/shop.git'],
  ],
  [
    'a fork',
    at('github', 'https://github.com', 'acme/shop'),
    'git@github.com:me/shop.git',
    ['origin git@github.com:me/shop.git', 'pull requests opened in acme/shop', 'from a fork none are opened'],
  ],
  ['another name', at('gitea', 'https://h', 'a/b'), 'https://h/a/c', ['a/b at https://h', 'set-url origin']],
  [
    'a mirror',
    at('gitea', 'https://h', 'a/b'),
    'git@github.com:a/b',
    ['origin git@github.com:a/b', 'a/b at https://h'],
  ],
  ['another server', at('gitea', 'https://h', 'a/b'), 'https://other/a/b', ['origin https://other/a/b']],
  ['another port', at('gitea', 'https://h:3000', 'a/b'), 'https://h/a/b', ['set-url origin https://h:3000/a/b.git']],
  ['without TLS', 'auto', 'http://github.com/a/b', ['set-url origin https://github.com/a/b.git']],
  ['www, which only redirects', 'auto', 'https://www.github.com/a/b', ['set-url origin https://github.com/a/b.git']],
])('branches and pull requests of two repositories are refused: %s', async ([, written, origin, says]) => {
  const thrown: unknown = await settingsOf(`forge: ${written}\n`, origin === null ? {} : { origin }).catch(
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(UsageError);
  for (const words of says) expect((thrown as UsageError).message).toContain(words);
});

test.for<[string, string, string]>([
  ['the case of a name', at('github', 'https://github.com', 'Acme/Shop'), 'git@github.com:acme/shop.git'],
  ['a name of the configuration of ssh', at('github', 'https://github.com', 'acme/shop'), 'work:acme/shop.git'],
  ['ssh under another name', at('gitea', 'https://git.corp', 'acme/shop'), 'ssh://git@ssh.git.corp:2222/acme/shop'],
  ['ssh through the port of https', at('github', 'https://github.com', 'a/b'), 'ssh://git@ssh.github.com:443/a/b'],
  ['a server below a path', at('gitea', 'https://h/git', 'a/b'), 'https://h/git/a/b.git'],
])('one repository by two addresses is none of them: %s', async ([, written, origin]) => {
  expect((await settingsOf(`forge: ${written}\n`, { origin })).place).toBeDefined();
});

test('landing, CI and labels have defaults on a forge with a server', async () => {
  const { issues, ci, landing } = await settingsOf('', { origin: 'git@github.com:o/r' });
  expect(landing).toBe('none');
  expect(ci).toEqual({ timeoutMs: 3_600_000, fixes: 2 });
  expect(issues).toMatchObject({
    exclude: ['wontfix', 'duplicate', 'invalid', 'question', 'millrace:skip'],
    inProgress: 'millrace:in-progress',
    needsManualReview: 'millrace:needs-manual-review',
  });
  expect(issues?.priorities.blocker).toEqual(['priority:blocker', 'priority/blocker', 'blocker', 'P0']);
});

test('every line of them that can be written is taken over', async () => {
  const written = `
landing: { policy: auto-merge, method: squash, branches: [main, next], deleteBranch: true, protect: [package-lock.json] }
ci: { timeout: 90m, fixes: 0 }
issues:
  exclude: []
  labels: { inProgress: null, needsManualReview: stuck }
  priorities: { high: [P0, urgent] }
`;
  const { landing, landingRules, ci, issues } = await settingsOf(written, { origin: 'git@github.com:o/r' });
  expect(landing).toBe('auto-merge');
  expect(landingRules).toEqual({
    method: 'squash',
    branches: ['main', 'next'],
    deleteBranch: true,
    protect: ['package-lock.json'],
  });
  expect(ci).toEqual({ timeoutMs: 5_400_000, fixes: 0 });
  expect(issues).toMatchObject({ exclude: [], inProgress: null, needsManualReview: 'stuck' });
  expect(issues?.priorities.high).toEqual(['P0', 'urgent']);
  expect(issues?.priorities.blocker).toEqual(['priority:blocker', 'priority/blocker', 'blocker']);
});

test('ci: off is no CI, and a policy by flag keeps the rules of the file', async () => {
  const origin = 'git@github.com:o/r';
  const written = 'ci: off\nlanding: { policy: none, method: rebase }\n';
  const settings = await settingsOf(written, { origin, overrides: { landing: 'merge' } });
  expect(settings.ci).toBeUndefined();
  expect([settings.landing, settings.landingRules?.method]).toEqual(['merge', 'rebase']);
});

test('lines for a server are no mistake on the local forge, but said to be idle', async () => {
  const { notices } = await settingsOf('ci: { fixes: 1 }\nissues: { exclude: [x] }\n');
  expect(notices.filter((notice) => notice.includes('no effect on the local forge'))).toHaveLength(2);
});

test('whatever an origin says, its place is safe to be asked, and no secret is in it', () => {
  const address = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.webUrl({ withFragments: true, withQueryParameters: true }),
    fc
      .tuple(fc.constantFrom('https://', 'ssh://', 'git@', 'http://u:SECRET@'), fc.string({ maxLength: 40 }))
      .map((parts) => parts.join('')),
    fc
      .tuple(fc.constantFrom('..', '-o', '%2e%2e', 'a b', 'a\nb', 'é', '$(x)'), fc.constantFrom('..', 'r.git', '.git'))
      .map(([owner, name]) => `https://host/${owner}/${name}`),
  );
  fc.assert(
    fc.property(address, fc.constantFrom('auto', 'github', 'gitea'), (url, kind) => {
      const remote = { url, kind: 'network' } as const;
      const flags = { kind, url: null, repo: null } as const;
      try {
        const { place } = resolveForge({ written: {}, flags, remote, where: () => 'here', pushes: true });
        if (place === null) return;
        expect(place.owner).toMatch(/^[A-Za-z0-9._-]+$/);
        expect(place.name).toMatch(/^[A-Za-z0-9._-]+$/);
        expect(['.', '..']).not.toContain(place.owner);
        expect(['.', '..']).not.toContain(place.name);
        const { protocol, username, password, search, hash } = new URL(place.url);
        expect(protocol).toMatch(/^https?:$/);
        expect([username, password, search, hash].join('')).toBe('');
        expect(place.url).not.toMatch(/\/$|SECRET/);
      } catch (error) {
        expect(error).toBeInstanceOf(UsageError);
        expect((error as UsageError).message).not.toContain('SECRET');
      }
    }),
    { numRuns: 2000 },
  );
});

test.for(['C:\\repos\\shop', '', 'https://', 'https://host', 'host:', 'ssh://', 'git@:a/b'])(
  'an address that names no repository is not guessed at: %j',
  (url) => {
    const origin = readOrigin({ url, kind: 'network' });
    expect(origin?.path.length ?? 0).toBeLessThan(2);
  },
);
