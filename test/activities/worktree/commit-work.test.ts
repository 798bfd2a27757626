import { execFileSync } from 'node:child_process';
import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openWorktrees } from '../../../activities/worktree/worktree.ts';
import { git, write } from '../../support/git/repository.ts';
import {
  agentCommits,
  branch,
  commit,
  expectSettled,
  filesOf,
  inMirror,
  mirror,
  ref,
  test,
  textOf,
  tree,
} from '../../support/attempt/work-left.ts';

describe('commitWork', () => {
  it('keeps a ref on the head where nothing changed', async () => {
    expect(await commit()).toEqual({ head: test.base, changed: false, ref, notices: [] });
    await expectSettled(test.base);
  });

  it('commits changes, new files, deletions and modes that the agent left, on top of its own commits', async () => {
    const own = agentCommits({ 'src/a.txt': 'committed' });
    write(tree, { 'src/new.txt': 'new', 'run.sh': '#!/bin/sh\n' });
    execFileSync('chmod', ['+x', join(tree, 'run.sh')]);
    rmSync(join(tree, 'src/b.txt'));
    symlinkSync('/etc/passwd', join(tree, 'link'));
    const work = await commit();
    expect(work).toMatchObject({ changed: true, ref, notices: [] });
    expect(inMirror('rev-parse', `${work.head}^`)).toBe(own);
    expect(inMirror('show', '-s', '--format=%s', work.head)).toBe('rest of the work');
    expect(filesOf(work.head)).toEqual(['README.md', 'link', 'run.sh', 'src/a.txt', 'src/new.txt']);
    expect(textOf(work.head, 'link')).toBe('/etc/passwd');
    expect(inMirror('ls-tree', work.head, 'run.sh')).toContain('100755');
    await expectSettled(work.head);
  });

  it('takes the agent’s commits as they are where nothing is left over', async () => {
    const own = agentCommits({ 'src/a.txt': 'committed' });
    expect(await commit()).toMatchObject({ head: own, changed: true });
    await expectSettled(own);
  });

  it('counts commits that change nothing as no change', async () => {
    git(tree, 'commit', '--quiet', '--allow-empty', '-m', 'nothing');
    expect(await commit()).toMatchObject({ head: test.base, changed: false });
    await expectSettled(test.base);
  });

  it('leaves out what is ignored, and the files that we copied there', async () => {
    write(tree, { '.gitignore': 'dist/\n', 'dist/out.js': 'x', '.env': 'KEY=changed' });
    const work = await commit();
    expect(filesOf(work.head)).toContain('.gitignore');
    expect(filesOf(work.head)).not.toContain('.env');
    expect(filesOf(work.head)).not.toContain('dist/out.js');
    git(tree, 'add', '--all');
    expect(git(tree, 'status', '--porcelain')).toBe('');
  });

  it('says the same when it is repeated, and goes on when the attempt does', async () => {
    write(tree, { 'new.txt': '1' });
    const first = await commit();
    expect(await commit()).toEqual(first);
    write(tree, { 'new.txt': '2' });
    const second = await commit();
    expect(second).toMatchObject({ ref, changed: true });
    expect(await mirror.isAncestor(first.head, second.head)).toBe(true);
    await expectSettled(second.head);
  });

  it('makes the same commit again when it was cut before the worktree was settled', async () => {
    agentCommits({ 'src/a.txt': 'committed' });
    const own = git(tree, 'rev-parse', 'HEAD');
    write(tree, { 'new.txt': '1' });
    const first = await commit();
    git(test.repository.layout.agents, 'update-ref', `refs/heads/${branch}`, own);
    expect(await commit()).toMatchObject({ head: first.head, ref, changed: true });
    await expectSettled(first.head);
  });

  it('never overwrites other work of the same attempt', async () => {
    write(tree, { 'new.txt': 'first' });
    const first = await commit();
    const worktrees = await openWorktrees(test.repository);
    await worktrees.removeWorktree('7');
    await worktrees.ensureWorktree({ key: '7', branch, start: test.base });
    write(tree, { 'other.txt': 'second' });
    const second = await commit();
    expect(second.ref).toBe(`${ref}-${second.head.slice(0, 12)}`);
    expect(await mirror.resolve(second.ref)).toBe(second.head);
    expect(await mirror.resolve(ref)).toBe(first.head);
    expect(await commit()).toMatchObject({ ref: second.ref, head: second.head });
  });

  it('is not fooled by bits that hide changes, nor by a sparse checkout', async () => {
    git(tree, 'update-index', '--assume-unchanged', 'src/a.txt');
    git(tree, 'update-index', '--skip-worktree', 'src/b.txt');
    git(tree, 'config', 'core.ignoreStat', 'true');
    write(tree, { 'src/a.txt': 'hidden', 'src/b.txt': 'hidden too' });
    const work = await commit();
    expect([textOf(work.head, 'src/a.txt'), textOf(work.head, 'src/b.txt')]).toEqual(['hidden', 'hidden too']);
    await expectSettled(work.head);
  });
});
