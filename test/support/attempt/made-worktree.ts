// A fresh repository without a worktree yet, before each test of a file that imports this.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { openMirror } from '../../../activities/git/mirror.ts';
import { openWorktrees, type MadeWorktree, type Worktrees } from '../../../activities/worktree/worktree.ts';
import { git, makeRepository, write, type TestRepository } from '../git/repository.ts';

export const branch = 'millrace/7-fix';
/** The repository of the test that runs. */
export let test: TestRepository;
export let worktrees: Worktrees;

beforeEach(async () => {
  test = makeRepository({ copy: ['.env'] });
  write(test.user, { '.env': 'KEY=1\n' });
  await (await openMirror(test.repository)).fetchBase();
  await reopen();
});
afterEach(() => test.remove());

/** Opens the worktrees as another step does. */
export async function reopen(): Promise<void> {
  worktrees = await openWorktrees(test.repository);
}

export const ensure = (more: { start?: string; branch?: string; setUp?: (path: string) => Promise<void> } = {}) =>
  worktrees.ensureWorktree({ key: '7', branch, start: test.base, ...more });
export const admin = (...names: string[]) => join(test.repository.layout.agents, 'worktrees', '7', ...names);
export const agents = (...names: string[]) => join(test.repository.layout.agents, ...names);

/** An agent can work: it reads, changes, commits on its branch. */
export function expectUsable({ path }: MadeWorktree, left = ''): void {
  expect(git(path, 'symbolic-ref', 'HEAD')).toBe(`refs/heads/${branch}`);
  expect(readFileSync(join(path, 'src/b.txt'), 'utf8')).toBe('b\n');
  write(path, { 'probe.txt': 'probe' });
  git(path, 'add', 'probe.txt');
  git(path, 'commit', '--quiet', '-m', 'probe');
  expect(git(path, 'status', '--porcelain')).toBe(left);
  expect(git(path, 'worktree', 'list', '--porcelain')).toContain(`worktree ${path}`);
  expect(git(path, 'fsck', '--no-dangling')).toBe('');
}
