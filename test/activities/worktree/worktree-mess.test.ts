import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { git, write } from '../../support/git/repository.ts';
import { admin, agents, branch, ensure, expectUsable, reopen, test } from '../../support/attempt/made-worktree.ts';

describe('a mess before the first worktree', () => {
  it.each<[string, () => void]>([
    ['the branch exists', () => git(agents(), 'branch', branch, test.base)],
    ['a branch named like our folder', () => git(agents(), 'branch', 'millrace', test.base)],
    [
      'a packed branch named like our folder',
      () => {
        git(agents(), 'branch', 'millrace', test.base);
        git(agents(), 'pack-refs', '--all');
      },
    ],
    ['branches below ours', () => git(agents(), 'branch', `${branch}/deep/er`, test.base)],
    ['an empty branch file', () => write(agents(), { [`refs/heads/${branch}`]: '' })],
    ['a lock on the branch', () => write(agents(), { [`refs/heads/${branch}.lock`]: '' })],
    ['a lock on the packed refs', () => write(agents(), { 'packed-refs.lock': '' })],
    ['a folder in the tree’s place', () => write(test.repository.layout.worktrees, { '7/left/over.txt': 'x' })],
    ['a half-made entry', () => write(admin(), { HEAD: `${'0'.repeat(40)}\n`, locked: 'initializing', commondir: '' })],
    ['an entry that is a file', () => write(agents('worktrees'), { 7: '' })],
    [
      'registered, but missing',
      () => {
        git(agents(), 'worktree', 'add', '--quiet', '--detach', join(test.root, 'gone'), test.base);
        rmSync(join(test.root, 'gone'), { recursive: true });
      },
    ],
    [
      'the branch checked out elsewhere',
      () => {
        git(agents(), 'worktree', 'add', '--quiet', '-b', branch, join(test.root, 'elsewhere'), test.base);
      },
    ],
    ['a configuration that breaks all worktrees', () => git(agents(), 'config', 'core.bare', 'true')],
  ])('%s: a usable worktree', async (_name, mess) => {
    mess();
    await reopen();
    const made = await ensure();
    expect(made.head).toBe(test.base);
    expectUsable(made);
  });
});

describe('a mess around an agent’s work', () => {
  const commit = (path: string) => {
    write(path, { 'src/a.txt': 'committed' });
    git(path, 'commit', '--quiet', '-am', 'mine');
    write(path, { 'new.txt': 'not committed' });
    return git(path, 'rev-parse', 'HEAD');
  };

  it.each<[string, () => void]>([
    ['zeros in HEAD', () => writeFileSync(admin('HEAD'), `${'0'.repeat(40)}\n`)],
    ['an empty HEAD', () => writeFileSync(admin('HEAD'), '')],
    ['HEAD on a branch that is not there', () => writeFileSync(admin('HEAD'), 'ref: refs/heads/nowhere\n')],
    ['an empty index', () => writeFileSync(admin('index'), '')],
    ['no index', () => rmSync(admin('index'))],
    ['an empty commondir', () => writeFileSync(admin('commondir'), '')],
    ['a gitdir that names another folder', () => writeFileSync(admin('gitdir'), `${test.user}/.git\n`)],
    ['no entry', () => rmSync(admin(), { recursive: true })],
    ['locked: initializing', () => writeFileSync(admin('locked'), 'initializing')],
    [
      'a pipe for HEAD',
      () => {
        rmSync(admin('HEAD'));
        execFileSync('mkfifo', [admin('HEAD')]);
      },
    ],
    ['no .git file', () => rmSync(join(test.repository.layout.worktree('7'), '.git'))],
    [
      'a .git file that points elsewhere',
      () => {
        writeFileSync(join(test.repository.layout.worktree('7'), '.git'), `gitdir: ${test.user}/.git\n`);
      },
    ],
    [
      'a repository of its own',
      () => {
        rmSync(join(test.repository.layout.worktree('7'), '.git'));
        git(test.repository.layout.worktree('7'), 'init', '--quiet');
      },
    ],
    [
      'locks of a killed git',
      () => {
        for (const name of ['index.lock', 'HEAD.lock']) writeFileSync(admin(name), '');
        for (const name of ['index.lock', 'HEAD.lock']) utimesSync(admin(name), 1, 1);
      },
    ],
  ])('%s: usable, and all of it is still there', async (_name, mess) => {
    const { path } = await ensure();
    const head = commit(path);
    mess();
    const again = await ensure();
    expect(again).toMatchObject({ head, made: false });
    expect(git(path, 'status', '--porcelain')).toBe('?? new.txt');
    expect(readFileSync(join(path, 'new.txt'), 'utf8')).toBe('not committed');
    expectUsable(again, '?? new.txt');
  });

  it.each<[string, (path: string) => void]>([
    ['the folder is gone', (path) => rmSync(path, { recursive: true })],
    [
      'the folder is empty',
      (path) => {
        rmSync(path, { recursive: true });
        mkdirSync(path);
      },
    ],
    [
      'a link took its place',
      (path) => {
        renameSync(path, join(test.root, 'moved'));
        symlinkSync(test.user, path);
      },
    ],
  ])('%s: made anew on the agent’s commits', async (_name, mess) => {
    const { path } = await ensure();
    const head = commit(path);
    mess(path);
    const again = await ensure();
    expect(again).toMatchObject({ head, made: true });
    expect(readFileSync(join(path, 'src/a.txt'), 'utf8')).toBe('committed');
    expectUsable(again);
    expect(git(test.user, 'status', '--porcelain')).toBe('?? .env');
  });

  it('a merge in progress is the agent’s, and stays', async () => {
    const { path } = await ensure();
    git(path, 'checkout', '--quiet', '-b', 'side');
    write(path, { 'src/a.txt': 'side' });
    git(path, 'commit', '--quiet', '-am', 'side');
    git(path, 'checkout', '--quiet', branch);
    write(path, { 'src/a.txt': 'main' });
    git(path, 'commit', '--quiet', '-am', 'main');
    expect(() => git(path, 'merge', 'side')).toThrow('Command failed: git merge side');
    expect(await ensure()).toMatchObject({ made: false });
    expect(git(path, 'status', '--porcelain')).toBe('UU src/a.txt');
  });
});
