import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GitFailure } from '../../../activities/failure/git-error.ts';
import { openMirror } from '../../../activities/git/mirror.ts';
import { git, makeRepository, type TestRepository } from '../../support/git/repository.ts';

let test: TestRepository;
beforeEach(() => {
  test = makeRepository();
});
afterEach(() => test.remove());

describe('openMirror', () => {
  it('makes one bare repository when ten callers race, and leaves nothing beside it', async () => {
    const mirrors = await Promise.all(Array.from({ length: 10 }, () => openMirror(test.repository)));
    expect(await Promise.all(mirrors.map((mirror) => mirror.fetchBase()))).toEqual(Array(10).fill(test.base));
    expect(readdirSync(test.repository.layout.trash)).toEqual([]);
    expect(git(test.repository.layout.mirror, 'rev-parse', '--is-bare-repository')).toBe('true');
  });

  it.each<[string, (dir: string) => void]>([
    ['an empty folder', (dir) => rmSync(dir, { recursive: true })],
    ['no HEAD', (dir) => rmSync(join(dir, 'HEAD'))],
    ['an empty config', (dir) => writeFileSync(join(dir, 'config'), '')],
    ['no refs folder', (dir) => rmSync(join(dir, 'refs'), { recursive: true })],
  ])('makes a half one whole: %s', async (_name, damage) => {
    const { mirror } = test.repository.layout;
    await openMirror(test.repository);
    damage(mirror);
    mkdirSync(mirror, { recursive: true });
    expect(await (await openMirror(test.repository)).fetchBase()).toBe(test.base);
  });
});

describe('fetchBase', () => {
  it('answers each caller with what the remote had after the call, and keeps every base', async () => {
    const mirror = await openMirror(test.repository);
    const running = mirror.fetchBase();
    const second = test.advance({ 'x.txt': 'x' });
    const later = await Promise.all(Array.from({ length: 20 }, () => mirror.fetchBase()));
    expect(later).toEqual(Array(20).fill(second));
    await running;
    expect(await mirror.resolve(`refs/millrace/base/${second}`)).toBe(second);
  });

  it('follows a base that was set back', async () => {
    const mirror = await openMirror(test.repository);
    const second = test.advance({ 'x.txt': 'x' });
    expect(await mirror.fetchBase()).toBe(second);
    git(test.origin, 'update-ref', 'refs/heads/main', test.base);
    expect(await mirror.fetchBase()).toBe(test.base);
    expect(await mirror.resolve(`refs/millrace/base/${second}`)).toBe(second);
  });

  it('names a missing base, and how to mend it', async () => {
    const mirror = await openMirror(test.repository);
    const failure = await mirror.fetchBase('nowhere').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(GitFailure);
    expect(failure).toMatchObject({ name: 'RepositoryUnknown', details: { kind: 'base-missing' } });
    expect(String(failure)).toContain('repository.base in millrace.yaml');
  });

  it('says that a remote cannot be reached, in git’s words, and works again when it is back', async () => {
    const mirror = await openMirror(test.repository);
    renameSync(test.origin, `${test.origin}.away`);
    const failure = await mirror.fetchBase().catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'ForgeUnavailable', details: { kind: 'remote-unreachable' } });
    expect(String(failure)).toContain('does not appear to be a git repository');
    renameSync(`${test.origin}.away`, test.origin);
    expect(await mirror.fetchBase()).toBe(test.base);
  });

  it.each(['--upload-pack=touch /tmp/x', '-c', 'a..b', 'a b', 'a\nb', '.x', 'x.lock', 'x/', 'a:b', '', '@{-1}', '@'])(
    'takes no branch called %j',
    async (name) => {
      const mirror = await openMirror(test.repository);
      await expect(mirror.fetchBase(name)).rejects.toThrow('not a branch');
    },
  );

  it('runs nothing that a remote’s name asks for', async () => {
    const { repository } = test.repository.settings;
    const settings = { ...test.repository.settings, repository: { ...repository, remote: '' } };
    const planted = join(test.root, 'planted');
    for (const remote of [
      `--upload-pack=touch ${planted}`,
      `ext::touch ${planted}`,
      `-c core.sshCommand=touch ${planted}`,
    ]) {
      const hostile = { ...test.repository, settings: { ...settings, repository: { ...repository, remote } } };
      await expect((await openMirror(hostile)).fetchBase()).rejects.toMatchObject({ name: 'ForgeUnavailable' });
    }
    expect(readdirSync(test.root)).not.toContain('planted');
  });
});

describe('lastAttempt', () => {
  it('is the highest private ref of that issue alone', async () => {
    const mirror = await openMirror(test.repository);
    await mirror.fetchBase();
    expect(await mirror.lastAttempt('7')).toBe(0);
    for (const ref of ['7/2', '7/10', '7/9-0123456789ab', '77/40']) {
      await mirror.git.run(['update-ref', `refs/millrace/${ref}`, test.base]);
    }
    expect(await mirror.lastAttempt('7')).toBe(10);
  });
});
