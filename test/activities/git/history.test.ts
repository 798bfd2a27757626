import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGit, type Git } from '../../../activities/git/git.ts';
import { commitFacts, commitsHere, forgetHistory, isAncestor, resolveCommit } from '../../../activities/git/history.ts';
import { git } from '../../support/git/repository.ts';

let dir: string;
let history: Git;
const commit = (...parents: readonly string[]) => {
  const tree = git(dir, 'mktree', '--missing');
  return git(dir, 'commit-tree', tree, '-m', String(parents.length), ...parents.flatMap((parent) => ['-p', parent]));
};

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-test-'));
  git(dir, 'init', '--quiet', '--bare', '.');
  history = createGit(dir);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('what is remembered of a repository', () => {
  it('a commit that was not here is asked for again, one that was here is not', async () => {
    const first = commit();
    const later = 'f'.repeat(40);
    expect(await commitsHere(history, [first, later])).toEqual(new Set([first]));
    const second = commit(first);
    expect(await commitsHere(history, [first, second])).toEqual(new Set([first, second]));
  });

  it('ancestry is what git says, in both directions and between strangers', async () => {
    const root = commit();
    const [left, right] = [commit(root), commit(root, root)];
    const merge = commit(left, right);
    await commitFacts(history, [left, merge]);
    for (const [ancestor, descendant, expected] of [
      [root, merge, true],
      [merge, root, false],
      [left, merge, true],
      [left, right, false],
      [root, root, true],
      [root, 'f'.repeat(40), false],
      ['f'.repeat(40), 'f'.repeat(40), false],
    ] as const) {
      expect(await isAncestor(history, ancestor, descendant)).toBe(expected);
      expect(await isAncestor(history, ancestor, descendant)).toBe(expected);
    }
  });

  it('a ref is read anew each time: moved, packed, deleted', async () => {
    const [first, second] = [commit(), commit(commit())];
    const ref = 'refs/millrace/7/1';
    expect(await resolveCommit(history, ref)).toBeNull();
    git(dir, 'update-ref', ref, first);
    expect(await resolveCommit(history, ref)).toBe(first);
    git(dir, 'update-ref', ref, second);
    expect(await resolveCommit(history, ref)).toBe(second);
    git(dir, 'pack-refs', '--all');
    expect(await resolveCommit(history, ref)).toBe(second);
    git(dir, 'update-ref', '-d', ref);
    expect(await resolveCommit(history, ref)).toBeNull();
  });

  it('a repository that was made anew has nothing of the old one', async () => {
    const sha = commit();
    expect(await resolveCommit(history, sha)).toBe(sha);
    rmSync(dir, { recursive: true });
    git(tmpdir(), 'init', '--quiet', '--bare', dir);
    forgetHistory(dir);
    expect(await resolveCommit(history, sha)).toBeNull();
  });
});
