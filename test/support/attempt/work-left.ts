// Issue 7 of a fresh repository in its worktree, before each test of a file that imports this.
import { afterEach, beforeEach, expect } from 'vitest';
import { openMirror, type Mirror } from '../../../activities/git/mirror.ts';
import { commitWork } from '../../../activities/worktree/commit-work.ts';
import { openPair } from '../../../activities/worktree/pair.ts';
import { openWorktrees } from '../../../activities/worktree/worktree.ts';
import { git, makeRepository, write, type TestRepository } from '../git/repository.ts';

export const branch = 'millrace/7-fix';
/** The private ref of the first attempt. */
export const ref = 'refs/millrace/7/1';
/** The repository of the test that runs. */
export let test: TestRepository;
export let mirror: Mirror;
/** The worktree of issue 7, where an agent has been. */
export let tree: string;

beforeEach(async () => {
  test = makeRepository({ copy: ['.env'] });
  write(test.user, { '.env': 'KEY=1\n' });
  mirror = await openMirror(test.repository);
  await mirror.fetchBase();
  const worktrees = await openWorktrees(test.repository);
  tree = (await worktrees.ensureWorktree({ key: '7', branch, start: test.base })).path;
});
afterEach(() => test.remove());

/** Commits what was left in it, as the end of an attempt does. */
export const commit = async (more: { attempt?: number; head?: string } = {}) =>
  commitWork(await openPair(test.repository), {
    key: '7',
    attempt: 1,
    branch,
    start: test.base,
    head: test.base,
    message: 'rest of the work',
    ...more,
  });
export const agentCommits = (files: Record<string, string>) => {
  write(tree, files);
  git(tree, 'add', '--all');
  git(tree, 'commit', '--quiet', '-m', 'by the agent');
  return git(tree, 'rev-parse', 'HEAD');
};
export const inMirror = (...args: string[]) => git(test.repository.layout.mirror, ...args);
export const filesOf = (sha: string) => inMirror('ls-tree', '-r', '--name-only', sha).split('\n');
export const textOf = (sha: string, name: string) => inMirror('cat-file', 'blob', `${sha}:${name}`);

/** The next attempt finds a clean tree on its branch, exactly at what was kept. */
export async function expectSettled(head: string): Promise<void> {
  expect(git(tree, 'status', '--porcelain', '--branch')).toBe(`## ${branch}`);
  expect(git(tree, 'rev-parse', 'HEAD')).toBe(head);
  expect(await mirror.resolve(ref)).toBe(head);
  inMirror('fsck', '--strict', '--no-dangling');
}
