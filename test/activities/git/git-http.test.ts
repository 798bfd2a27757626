import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCredential, type Credential } from '../../../activities/credentials/credential.ts';
import { landDirect } from '../../../activities/git/land.ts';
import { openMirror } from '../../../activities/git/mirror.ts';
import { pushBranch } from '../../../activities/git/push.ts';
import { createRemoteReader } from '../../../activities/git/remote.ts';
import type { Repository } from '../../../activities/repository/repository.ts';
import { serveGit, type GitHttpServer } from '../../support/git/git-http.ts';
import { git, makeRepository, write, type TestRepository } from '../../support/git/repository.ts';

const tokens = { writer: 'a1'.repeat(20), reader: 'b2'.repeat(20), stranger: 'c3'.repeat(20) } as const;

// A git before the real one that notes its arguments.
const tools = mkdtempSync(join(tmpdir(), 'millrace-git-'));
const argvLog = join(tools, 'argv');
mkdirSync(join(tools, 'bin'));
const realPath = process.env['PATH'] ?? '';
writeFileSync(
  join(tools, 'bin', 'git'),
  `#!/bin/sh\nprintf '%s\\n' "$*" >> '${argvLog}'\nPATH='${realPath}' exec git "$@"\n`,
);
chmodSync(join(tools, 'bin', 'git'), 0o755);
const branch = 'millrace/7-fix';
let test: TestRepository;
let server: GitHttpServer;

beforeAll(() => {
  process.env['PATH'] = `${join(tools, 'bin')}${delimiter}${realPath}`;
});
beforeEach(async () => {
  test = makeRepository();
  server = await serveGit(test.origin, { [tokens.writer]: 'write', [tokens.reader]: 'read' });
  writeFileSync(argvLog, '');
});
afterEach(async () => {
  await server.close();
  await test.remove();
});
afterAll(() => {
  process.env['PATH'] = realPath;
  rmSync(tools, { recursive: true, force: true });
});

/** The repository with its remote behind that server; `token` null: nobody found a credential. */
function over(token: string | null, change: { remote?: string; url?: string } = {}): Repository {
  const { settings, ...rest } = test.repository;
  const { remote = server.remote, url = server.origin } = change;
  const place = { url, owner: 'o', name: 'r' };
  const repository = { ...settings.repository, remote };
  const found: Credential | null =
    token === null
      ? null
      : createCredential({ server: url, account: token, source: 'SOME_TOKEN', token: async () => token });
  return {
    ...rest,
    settings: { ...settings, forge: 'gitea', place, repository },
    ...(found ? { credential: async () => found } : {}),
  };
}

async function work(repository: Repository, parent: string): Promise<string> {
  const mirror = await openMirror(repository);
  const sha = await mirror.git.run(['commit-tree', '-p', parent, '-m', 'work', `${parent}^{tree}`]);
  await mirror.git.run(['update-ref', 'refs/millrace/7/1', sha]);
  return sha;
}

const push = (repository: Repository, head: string) =>
  pushBranch(repository, { ref: 'refs/millrace/7/1', branch, head, expected: null });
const there = (name: string) => git(test.origin, 'for-each-ref', '--format=%(objectname)', `refs/heads/${name}`);

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

describe('git over HTTP', () => {
  it('fetches, lists, pushes and lands with the credential of the forge', async () => {
    const repository = over(tokens.writer);
    const mirror = await openMirror(repository);
    expect(await mirror.fetchBase()).toBe(test.base);
    const head = await work(repository, test.base);
    await push(repository, head);
    expect(there(branch)).toBe(head);
    const remote = createRemoteReader({ mirror: async () => mirror.git, remote: server.remote });
    expect([...(await remote.tips(['main', 'millrace/*']))]).toEqual([
      ['main', test.base],
      [branch, head],
    ]);
    const landed = await landDirect(repository, { base: 'main', head, message: 'land' });
    expect(landed).toMatchObject({ kind: 'landed', sha: there('main') });
  });

  it('shows the token to nobody else: no argument, no file of ours, no configuration', async () => {
    const repository = over(tokens.writer);
    const head = await work(repository, await (await openMirror(repository)).fetchBase());
    const seen: string[] = [];
    server.onPush(async () => {
      for (const file of await filesBelow(test.root)) seen.push(`${file}\n${await readFile(file, 'latin1')}`);
    });
    await push(repository, head);
    const argv = readFileSync(argvLog, 'utf8');
    expect(argv).toContain('push --porcelain');
    expect(seen.some((file) => file.startsWith(join(repository.layout.mirror, 'config')))).toBe(true);
    const base64 = Buffer.from(`x-access-token:${tokens.writer}`).toString('base64');
    for (const secret of [tokens.writer, base64]) {
      expect(argv).not.toContain(secret);
      expect(seen.filter((file) => file.includes(secret))).toEqual([]);
    }
    expect(git(repository.layout.mirror, 'config', '--list')).not.toMatch(/credential|extraheader/i);
  });

  it('a token that the server does not know is refused for good, with its place and the mend', async () => {
    const mirror = await openMirror(over(tokens.stranger));
    const error = await mirror.fetchBase().catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'ForgeError', kind: 'auth', operation: 'git fetch main' });
    expect(String(error)).toMatch(/SOME_TOKEN.*Authentication failed.*start the worker again/s);
    expect(String(error)).not.toContain(tokens.stranger);
    const remote = createRemoteReader({ mirror: async () => mirror.git, remote: server.remote });
    await expect(remote.tips(['main'])).rejects.toMatchObject({ kind: 'auth' });
  });

  it('a token that may only read fetches, and its push says which right is missing', async () => {
    const repository = over(tokens.reader);
    const head = await work(repository, await (await openMirror(repository)).fetchBase());
    const error = await push(repository, head).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'ForgeError', kind: 'forbidden' });
    expect(String(error)).toContain('write:repository');
    expect(there(branch)).toBe('');
  });

  it('without a credential nobody is asked for a password', async () => {
    const error = await (await openMirror(over(null))).fetchBase().catch((caught: unknown) => caught);
    expect(error).toMatchObject({ kind: 'auth' });
    expect(String(error)).toMatch(/no credential.*terminal prompts disabled/s);
  });

  it('the credential of one server is never shown to another, of another port or scheme', async () => {
    const other = await serveGit(test.origin, {});
    try {
      const elsewhere = over(tokens.writer, { remote: other.remote });
      await expect((await openMirror(elsewhere)).fetchBase()).rejects.toMatchObject({ kind: 'auth' });
      expect(new Set(other.requests.map((line) => line.split(' ').at(-1)))).toEqual(new Set(['nobody']));
      const https = over(tokens.writer, { url: server.origin.replace('http:', 'https:') });
      await expect((await openMirror(https)).fetchBase()).rejects.toMatchObject({ kind: 'auth' });
      expect(server.requests.every((line) => line.endsWith(' nobody'))).toBe(true);
    } finally {
      await other.close();
    }
  });

  it.each<[number, string, string]>([
    [403, 'This repository was archived so it is read-only.', 'read-only'],
    [403, 'Permission to o/r.git denied to somebody.', 'forbidden'],
    [404, 'Repository not found.', 'not-found'],
    [301, '', 'invalid'],
    [429, 'slow down', 'rate-limit'],
  ])('%i %s is told as %s', async (status, text, kind) => {
    const mirror = await openMirror(over(tokens.writer));
    server.fail({ status, text });
    await expect(mirror.fetchBase()).rejects.toMatchObject({ name: 'ForgeError', kind });
    server.fail(null);
    expect(await mirror.fetchBase()).toBe(test.base);
  });

  it('a server that is not well is asked again by Temporal', async () => {
    const mirror = await openMirror(over(tokens.writer));
    server.fail({ status: 502, text: 'bad gateway' });
    await expect(mirror.fetchBase()).rejects.toMatchObject({ name: 'ForgeUnavailable' });
  });

  it.each([
    ['Gitea: Not allowed to push to protected branch millrace/7-fix', 'a rule protects that branch'],
    ['User permission denied for writing.', 'write:repository'],
    [
      'refusing to allow a Personal Access Token to create or update workflow `.github/workflows/ci.yml` without `workflow` scope',
      'the right `workflows`',
    ],
  ])('a push that is refused by "%s" names what is missing', async (words, mend) => {
    write(test.origin, { 'hooks/pre-receive': `#!/bin/sh\ncat <<'END' >&2\n${words}\nEND\nexit 1\n` });
    chmodSync(join(test.origin, 'hooks/pre-receive'), 0o755);
    const repository = over(tokens.writer);
    const head = await work(repository, await (await openMirror(repository)).fetchBase());
    const error = await push(repository, head).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'ForgeError', kind: 'forbidden', operation: `git push ${branch}` });
    expect(String(error)).toContain(mend);
  });

  it('a branch that somebody moved is told as before', async () => {
    const repository = over(tokens.writer);
    const head = await work(repository, await (await openMirror(repository)).fetchBase());
    const theirs = git(test.origin, 'commit-tree', '-p', test.base, '-m', 'theirs', `${test.base}^{tree}`);
    git(test.origin, 'update-ref', `refs/heads/${branch}`, theirs);
    await expect(push(repository, head)).rejects.toMatchObject({ name: 'PushRejected' });
  });
});
