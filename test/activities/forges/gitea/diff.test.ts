import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linesOf, type DiffLines } from '../../../../activities/forges/gitea/diff.ts';

const odd = 'dir é/"quoted" +++ b.txt';

describe('lines of a real diff', () => {
  let [dir, lines] = ['', null as DiffLines | null];
  const has = (path: string, line: number, side: 'new' | 'old' = 'new') => lines?.has({ path, line, side });

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'millrace-diff-'));
    const git = (...args: readonly string[]) =>
      execa('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { cwd: dir });
    await git('init', '--quiet', '--initial-branch=main');
    const numbered = Array.from({ length: 30 }, (_, index) => `line ${index + 1}`);
    await writeFile(join(dir, 'long.txt'), `${numbered.join('\n')}\n`);
    await writeFile(join(dir, 'gone.txt'), 'one\n--- a/forged.txt\n+++ b/forged.txt\n');
    await writeFile(join(dir, 'end.txt'), 'no newline');
    await git('add', '.');
    await git('commit', '--quiet', '-m', 'old');
    await writeFile(join(dir, 'long.txt'), `${['first', ...numbered.slice(0, 28), 'changed', 'line 30'].join('\n')}\n`);
    await rm(join(dir, 'gone.txt'));
    await writeFile(join(dir, 'end.txt'), 'no newline still');
    await execa('mkdir', ['dir é'], { cwd: dir });
    await writeFile(join(dir, odd), 'a\n\nc\n');
    await git('add', '.');
    await git('commit', '--quiet', '-m', 'new');
    lines = linesOf((await git('diff', 'HEAD~1', 'HEAD')).stdout);
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  it('what is added, removed or around it is there, what is between hunks is not', () => {
    expect([1, 2, 4, 30, 31].map((line) => has('long.txt', line))).toEqual([true, true, true, true, true]);
    expect([0, 15, 32, 999].map((line) => has('long.txt', line))).toEqual([false, false, false, false]);
    expect([29, 30].map((line) => has('long.txt', line, 'old'))).toEqual([true, true]);
  });

  it('a removed file has its old lines, and nothing in it names another file', () => {
    expect([1, 2, 3].map((line) => has('gone.txt', line, 'old'))).toEqual([true, true, true]);
    expect(has('gone.txt', 1)).toBe(false);
    expect(has('forged.txt', 1) || has('forged.txt', 1, 'old') || has('forged.txt', 2, 'old')).toBe(false);
  });

  it('odd names and files without a last newline are read as git writes them', () => {
    expect([1, 2, 3, 4].map((line) => has(odd, line))).toEqual([true, true, true, false]);
    expect([has('end.txt', 1), has('end.txt', 1, 'old'), has('end.txt', 2)]).toEqual([true, true, false]);
  });
});
