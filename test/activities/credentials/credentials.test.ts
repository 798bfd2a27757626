import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCredentials } from '../../../activities/credentials/index.ts';
import { scrub } from '../../../activities/text/scrub.ts';
import type { ForgePlace } from '../../../workflows/domain/settings.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'millrace-home-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const cloud: ForgePlace = { url: 'https://github.com', owner: 'o', name: 'r' };
const enterprise: ForgePlace = { url: 'http://127.0.0.1:8080', owner: 'o', name: 'r' };
const gitea: ForgePlace = { url: 'https://git.example:3000/sub', owner: 'o', name: 'r' };

const find = (kind: 'github' | 'gitea', place: ForgePlace, env: Record<string, string>) =>
  createCredentials({ HOME: home, PATH: join(home, 'bin'), ...env }).find(kind, place);
const errorOf = (found: Promise<unknown>) =>
  found.then(
    () => 'no error',
    (error: unknown) => error,
  );

/** A program called gh; it notes how it was started. */
async function installGh(script: string): Promise<void> {
  await mkdir(join(home, 'bin'), { recursive: true });
  const note = `printf '%s|' "$*" "\${GH_TOKEN-unset}" "\${MILLRACE_GITHUB_TOKEN-unset}" >> '${join(home, 'gh')}'`;
  await writeFile(join(home, 'bin', 'gh'), `#!/bin/sh\n${note}\n${script}\n`);
  await chmod(join(home, 'bin', 'gh'), 0o755);
}

async function writeTea(logins: string, folder = join(home, '.config')): Promise<void> {
  await mkdir(join(folder, 'tea'), { recursive: true });
  await writeFile(join(folder, 'tea', 'config.yml'), `logins:\n${logins}`);
}

describe('a credential for GitHub', () => {
  it.each<[string, ForgePlace, Record<string, string>, string]>([
    [
      'our variable comes first',
      cloud,
      { MILLRACE_GITHUB_TOKEN: 'ours-ours', GH_TOKEN: 'gh-gh-gh' },
      'MILLRACE_GITHUB_TOKEN',
    ],
    ['then GH_TOKEN', cloud, { GITHUB_TOKEN: 'github-github', GH_TOKEN: 'gh-gh-gh' }, 'GH_TOKEN'],
    ['then GITHUB_TOKEN', cloud, { GITHUB_TOKEN: 'github-github' }, 'GITHUB_TOKEN'],
    ['our variable is for any server', enterprise, { MILLRACE_GITHUB_TOKEN: 'ours-ours' }, 'MILLRACE_GITHUB_TOKEN'],
    [
      'an enterprise server has variables of its own',
      enterprise,
      { GH_TOKEN: 'gh-gh-gh', GH_ENTERPRISE_TOKEN: 'enterprise' },
      'GH_ENTERPRISE_TOKEN',
    ],
    ['the second of them', enterprise, { GITHUB_ENTERPRISE_TOKEN: 'enterprise' }, 'GITHUB_ENTERPRISE_TOKEN'],
  ])('%s', async (_name, place, env, source) => {
    const credential = await find('github', place, env);
    expect(credential).toMatchObject({ source, id: expect.stringMatching(/^[0-9a-f]{16}$/) });
    expect(await credential.token()).toBe(env[source]);
  });

  it('a token of github.com is not for another server, nor one that is pinned elsewhere', async () => {
    const env = { GH_TOKEN: 'gh-gh-gh', GITHUB_TOKEN: 'github-github' };
    expect(await errorOf(find('github', enterprise, env))).toMatchObject({ kind: 'auth' });
    const pinned = { MILLRACE_GITHUB_TOKEN: 'ours-ours', MILLRACE_GITHUB_URL: 'https://github.com' };
    expect(String(await errorOf(find('github', enterprise, pinned)))).toContain('MILLRACE_GITHUB_URL names it');
    expect(await find('github', cloud, pinned)).toMatchObject({ source: 'MILLRACE_GITHUB_TOKEN' });
  });

  it('gh is asked for its login, by itself and without our variables', async () => {
    await installGh('cat; echo gho_from-the-keyring');
    const credential = await find('github', enterprise, { GH_TOKEN: 'gh-gh-gh' });
    expect(credential.source).toBe('gh auth token');
    expect(await credential.token()).toBe('gho_from-the-keyring');
    expect(await readFile(join(home, 'gh'), 'utf8')).toBe('auth token --hostname 127.0.0.1:8080|unset|unset|');
  });

  it('an error names every way that was tried and what to type', async () => {
    await installGh('echo "no oauth token found for github.com" >&2; exit 1');
    const error = await errorOf(find('github', cloud, { GH_TOKEN: 'two words' }));
    expect(error).toMatchObject({ name: 'ForgeError', kind: 'auth' });
    for (const words of [
      'https://github.com (o/r)',
      'MILLRACE_GITHUB_TOKEN is not set',
      'MILLRACE_GITHUB_APP_ID is not set',
      'GH_TOKEN is no token',
      'GITHUB_TOKEN is not set',
      '`gh auth token --hostname github.com` failed: no oauth token found',
      'Type `gh auth login --hostname github.com`',
    ])
      expect(String(error)).toContain(words);
    expect(String(error)).not.toContain('two words');
    await rm(join(home, 'bin', 'gh'));
    expect(String(await errorOf(find('github', cloud, {})))).toContain('gh is not on PATH');
  });

  it('what was found is kept, what was not is looked for again', async () => {
    const credentials = createCredentials({ HOME: home, PATH: `${join(home, 'bin')}:/usr/bin:/bin` });
    await expect(credentials.find('github', cloud)).rejects.toMatchObject({ kind: 'auth' });
    await installGh('echo gho_made-meanwhile');
    const [one, two] = await Promise.all([credentials.find('github', cloud), credentials.find('github', cloud)]);
    expect(one).toBe(two);
    expect((await readFile(join(home, 'gh'), 'utf8')).match(/auth token/g)).toHaveLength(1);
  });

  it('its id is that of server and secret', async () => {
    const id = async (place: ForgePlace, token: string) =>
      (await find('github', place, { MILLRACE_GITHUB_TOKEN: token })).id;
    expect(await id(cloud, 'one-one-one')).toBe(await id({ ...cloud, name: 'other' }, 'one-one-one'));
    expect(await id(cloud, 'one-one-one')).not.toBe(await id(cloud, 'two-two-two'));
    expect(await id(cloud, 'one-one-one')).not.toBe(await id(enterprise, 'one-one-one'));
  });
});

describe('a credential for Gitea', () => {
  it.each<[string, Record<string, string>, string | null]>([
    [
      'our variable comes first',
      { MILLRACE_GITEA_TOKEN: 'ours-ours', GITEA_TOKEN: 'theirs-theirs' },
      'MILLRACE_GITEA_TOKEN',
    ],
    [
      'or where it is for this one',
      { GITEA_TOKEN: 'theirs-theirs', GITEA_INSTANCE_URL: 'https://git.example:3000/' },
      'GITEA_TOKEN',
    ],
    ['not for another port', { GITEA_TOKEN: 'theirs-theirs', GITEA_INSTANCE_URL: 'https://git.example' }, null],
    ['not for another scheme', { GITEA_TOKEN: 'theirs-theirs', GITEA_URL: 'http://git.example:3000' }, null],
    ['not for what is no address', { GITEA_TOKEN: 'theirs-theirs', GITEA_URL: 'git.example:3000' }, null],
  ])('%s', async (_name, env, source) => {
    const found = find('gitea', gitea, env);
    if (source !== null) expect(await found).toMatchObject({ source });
    else expect(String(await errorOf(found))).toContain('GITEA_TOKEN is for another server');
  });

  it('a token of which nothing says for which server it is goes to none that a clone may name', async () => {
    const error = String(await errorOf(find('gitea', gitea, { GITEA_TOKEN: 'theirs-theirs' })));
    expect(error).toContain('GITEA_TOKEN is not used: set GITEA_INSTANCE_URL to the address of the server');
    expect(error).not.toContain('theirs-theirs');
  });

  it('who stands in a clone of a GitHub Enterprise Server is told how to name it', async () => {
    expect(String(await errorOf(find('gitea', gitea, {})))).toMatch(/GitHub Enterprise Server .*`--forge github`/);
  });

  it('a login of tea for that server, the default one first', async () => {
    await writeTea(`
  - { name: elsewhere, url: https://git.example, token: ${'a1'.repeat(20)}, default: true }
  - { name: first, url: https://git.example:3000, token: ${'a2'.repeat(20)} }
  - { name: mine, url: https://git.example:3000/sub/, token: ${'a3'.repeat(20)}, default: true, insecure: false }
`);
    const credential = await find('gitea', gitea, {});
    expect(credential.source).toBe('tea login mine');
    expect(await credential.token()).toBe('a3'.repeat(20));
  });

  it.each<[string, string, RegExp]>([
    [
      'is for other servers only',
      '  - { name: x, url: https://git.example, token: abcdefgh, default: true }',
      /no login for/,
    ],
    ['keeps its token elsewhere', '  - { name: x, url: https://git.example:3000, token: "" }', /keychain/],
    [
      'has expired',
      `  - { name: x, url: https://git.example:3000, token: abcdefgh, token_expiry: ${Math.floor(Date.now() / 1000)} }`,
      /tea login oauth-refresh x`/,
    ],
    ['is no login', '  - just words', /no login for/],
    ['is no YAML', '  - { secret-in-a-broken-file', /no login for/],
  ])('a login that %s is not taken, with the reason', async (_name, logins, words) => {
    await writeTea(`${logins}\n`);
    const error = await errorOf(find('gitea', gitea, {}));
    expect(error).toMatchObject({ name: 'ForgeError', kind: 'auth' });
    expect(String(error)).toMatch(words);
    expect(String(error)).toMatch(/MILLRACE_GITEA_TOKEN is not set.*tea login add --url/s);
    expect(String(error)).not.toMatch(/abcdefgh|secret-in/);
  });

  it('the folder of XDG counts alone where it is named, and a renewed token is seen', async () => {
    const folder = join(home, 'xdg');
    const expiry = Math.floor(Date.now() / 1000) + 3600;
    const login = (token: string, at: number) =>
      writeTea(`  - { name: x, url: https://git.example:3000, token: ${token}, token_expiry: ${at} }\n`, folder);
    await writeTea(`  - { name: y, url: https://git.example:3000, token: ${'a4'.repeat(20)} }\n`);
    expect(String(await errorOf(find('gitea', gitea, { XDG_CONFIG_HOME: folder })))).toContain('is not there');
    await login('first-token', expiry);
    const credential = await find('gitea', gitea, { XDG_CONFIG_HOME: folder });
    await login('renewed-token', expiry);
    expect(await credential.token()).toBe('renewed-token');
    await login('renewed-token', 1);
    await expect(credential.token()).rejects.toMatchObject({ kind: 'auth' });
  });
});

it('a token is hidden by its value from the moment that it was found', async () => {
  const token = '0f1e2d3c'.repeat(5);
  expect(scrub(`with ${token}`)).toContain(token);
  await find('gitea', gitea, { MILLRACE_GITEA_TOKEN: token });
  expect(scrub(`with ${token}`)).toBe('with ***');
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64');
  expect(scrub(`sent ${basic}`)).not.toContain(Buffer.from(token).toString('base64').slice(4, 40));
});
