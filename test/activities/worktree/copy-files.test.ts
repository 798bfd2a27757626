import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { copyFiles } from '../../../activities/worktree/copy-files.ts';
import { makeRepository, write, type TestRepository } from '../../support/git/repository.ts';

let test: TestRepository;
let worktree: string;
afterEach(() => test.remove());

function prepare(copy: readonly string[]): Promise<readonly string[]> {
  test = makeRepository({ copy });
  worktree = join(test.root, 'worktree');
  mkdirSync(worktree);
  write(test.root, { 'secret.txt': 'secret' });
  write(test.user, { '.env': 'KEY=1\n', 'config/local.json': '{}' });
  symlinkSync(join(test.root, 'secret.txt'), join(test.user, 'link.txt'));
  symlinkSync(test.root, join(test.user, 'folder-link'));
  execFileSync('mkfifo', [join(test.user, 'pipe')]);
  execFileSync('chmod', ['600', join(test.user, '.env')]);
  return copyFiles(test.repository, worktree);
}

it('copies regular files with their mode, and makes their folders', async () => {
  expect(await prepare(['.env', 'config/local.json'])).toEqual([]);
  expect(readFileSync(join(worktree, '.env'), 'utf8')).toBe('KEY=1\n');
  expect(statSync(join(worktree, '.env')).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(worktree, 'config/local.json'), 'utf8')).toBe('{}');
});

it('says which file is missing, and copies the others', async () => {
  const notices = await prepare(['.env.local', '.env']);
  expect(notices).toHaveLength(1);
  expect(notices[0]).toContain('.env.local is not copied: no regular file of that name');
  expect(existsSync(join(worktree, '.env'))).toBe(true);
});

it.each([
  'link.txt',
  'folder-link/secret.txt',
  'pipe',
  'config',
  '../secret.txt',
  '/etc/passwd',
  '.git/config',
  'a/../../secret.txt',
  '',
  '.',
])('copies no %j', async (name) => {
  expect(await prepare([name])).toHaveLength(1);
  expect(readdirSync(worktree)).toEqual([]);
});

it('leaves alone what the repository brought, and never writes through its links', async () => {
  test = makeRepository({ copy: ['README.md', 'out/.env', '.env'] });
  worktree = join(test.root, 'worktree');
  write(worktree, { 'README.md': 'ours' });
  write(test.user, { 'README.md': 'theirs', 'out/.env': 'x', '.env': 'x' });
  mkdirSync(join(test.root, 'outside'));
  symlinkSync(join(test.root, 'outside'), join(worktree, 'out'));
  symlinkSync(join(test.root, 'outside/.env'), join(worktree, '.env'));
  expect(await copyFiles(test.repository, worktree)).toHaveLength(3);
  expect(readFileSync(join(worktree, 'README.md'), 'utf8')).toBe('ours');
  expect(existsSync(join(test.root, 'outside/.env'))).toBe(false);
  expect(lstatSync(join(worktree, '.env')).isSymbolicLink()).toBe(true);
});
