import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { openMirror } from '../../../activities/git/mirror.ts';
import type { MadeWorktree } from '../../../activities/worktree/worktree.ts';
import { listWorktrees, repairWorktrees } from '../../../activities/worktree/repair.ts';
import { git, write } from '../../support/git/repository.ts';
import { admin, agents, branch, ensure, expectUsable, test, worktrees } from '../../support/attempt/made-worktree.ts';

describe('ensureWorktree', () => {
  it('gives an agent a normal clean branch at the start, with the files to copy', async () => {
    const made = await ensure();
    expect(made).toMatchObject({ head: test.base, made: true, notices: [] });
    expect(git(made.path, 'status', '--porcelain')).toBe('');
    expect(git(made.path, 'rev-parse', 'HEAD')).toBe(test.base);
    expect(readFileSync(join(made.path, '.env'), 'utf8')).toBe('KEY=1\n');
    expectUsable(made);
  });

  it('makes what `git worktree add` makes', async () => {
    const made = await ensure();
    git(agents(), 'worktree', 'add', '--quiet', '--no-track', '-b', 'other', join(test.root, 'other'), test.base);
    const facts = (path: string) => ({
      top: git(path, 'rev-parse', '--is-inside-work-tree', '--git-common-dir'),
      files: git(path, 'ls-files', '--stage', '-v'),
      status: git(path, 'status', '--porcelain=v2'),
    });
    expect(facts(made.path)).toEqual(facts(join(test.root, 'other')));
  });

  it('lets an agent commit without an identity of its own, and survives what it configures', async () => {
    const { path } = await ensure();
    const env = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent' };
    const agent = (...args: string[]) => execFileSync('git', args, { cwd: path, env, encoding: 'utf8' });
    agent('config', 'extensions.worktreeConfig', 'true');
    agent('sparse-checkout', 'set', 'src');
    agent('sparse-checkout', 'disable');
    agent('commit', '--quiet', '--allow-empty', '-m', 'mine');
    expect(agent('log', '-1', '--format=%an <%ae>').trim()).toBe('millrace <millrace@localhost>');
    expectUsable(await ensure());
  });

  it('leaves a good worktree as it is, with what the agent did not commit', async () => {
    const made = await ensure();
    write(made.path, { 'src/a.txt': 'changed', 'new.txt': 'new' });
    git(made.path, 'commit', '--quiet', '-am', 'mine');
    write(made.path, { 'src/b.txt': 'not yet' });
    const head = git(made.path, 'rev-parse', 'HEAD');
    expect(await ensure()).toEqual({ path: made.path, head, made: false, notices: [] });
    expect(git(made.path, 'status', '--porcelain')).toBe('M src/b.txt\n?? new.txt');
  });

  it('goes on from later work of the same issue', async () => {
    const made = await ensure();
    write(made.path, { 'src/a.txt': 'changed' });
    git(made.path, 'commit', '--quiet', '-am', 'mine');
    const head = git(made.path, 'rev-parse', 'HEAD');
    const mirror = await openMirror(test.repository);
    await mirror.importCommit(head);
    expect(await ensure({ start: head })).toMatchObject({ head, made: false });
  });

  it('starts anew where the worktree does not contain the new start', async () => {
    await ensure();
    const moved = test.advance({ 'late.txt': 'late' });
    await (await openMirror(test.repository)).fetchBase();
    expect(await ensure({ start: moved })).toMatchObject({ head: moved, made: true });
  });

  it('runs the set-up once, and again in a new tree when it was cut', async () => {
    let runs = 0;
    const cut = ensure({
      setUp: (path) => {
        write(path, { 'half.txt': 'half' });
        return Promise.reject(new Error('cut'));
      },
    });
    await expect(cut).rejects.toThrow('cut');
    const setUp = async () => void (runs += 1);
    const made = await ensure({ setUp });
    expect(existsSync(join(made.path, 'half.txt'))).toBe(false);
    await ensure({ setUp });
    expect(runs).toBe(1);
  });

  it('makes twenty at once beside fetches, all different and all right', async () => {
    const mirror = await openMirror(test.repository);
    const keys = Array.from({ length: 20 }, (_, index) => `k${index}`);
    const makes = keys.map((key) => worktrees.ensureWorktree({ key, branch: `millrace/${key}`, start: test.base }));
    const fetches = Array.from({ length: 20 }, () => mirror.fetchBase());
    const made = await Promise.all(makes);
    await Promise.all(fetches);
    expect(made.map(({ path }) => git(path, 'status', '--porcelain', '--branch'))).toEqual(
      keys.map((key) => `## millrace/${key}`),
    );
  });

  it('makes one when ten callers ask for the same', async () => {
    const made = await Promise.all(Array.from({ length: 10 }, () => ensure()));
    expect(made.filter((each) => each.made)).toHaveLength(1);
    expectUsable(made[0] as MadeWorktree);
  });

  it.each([
    '--upload-pack=x',
    'main',
    'millrace/',
    'millrace/-x',
    'millrace/a b',
    'millrace/a\nb',
    'millrace/../x',
    'millrace/a.lock',
  ])('takes no branch called %j', async (name) => {
    await expect(ensure({ branch: name })).rejects.toThrow('not a branch');
  });

  it.each(['../x', 'a/b', '', '.', '-x y', 'a\n', 'x'.repeat(65)])('takes no key %j', async (key) => {
    await expect(worktrees.ensureWorktree({ key, branch, start: test.base })).rejects.toThrow('not a key');
  });
});

describe('ensureReviewWorktree', () => {
  it('is detached at the exact sha, and new in each round', async () => {
    const first = await worktrees.ensureReviewWorktree({ key: '7', sha: test.base });
    expect(git(first.path, 'rev-parse', 'HEAD', '--abbrev-ref', 'HEAD').split('\n')).toEqual([test.base, 'HEAD']);
    write(first.path, { 'left.txt': 'x', 'src/a.txt': 'y' });
    const second = await worktrees.ensureReviewWorktree({ key: '7', sha: test.base });
    expect(second.path).toBe(first.path);
    expect(git(second.path, 'status', '--porcelain')).toBe('');
    await worktrees.removeReviewWorktree('7');
    expect(existsSync(first.path)).toBe(false);
  });
});

describe('removeWorktree', () => {
  it('takes tree, entry, branch and the review’s, and may be repeated', async () => {
    const { path } = await ensure();
    await worktrees.ensureReviewWorktree({ key: '7', sha: test.base });
    await worktrees.removeWorktree('7');
    await worktrees.removeWorktree('7');
    expect(existsSync(path)).toBe(false);
    expect(git(agents(), 'worktree', 'list').split('\n')).toHaveLength(1);
    expect(git(agents(), 'branch', '--list')).toBe('');
    expect(await listWorktrees(test.repository)).toEqual([]);
  });

  it('runs nothing that the agent planted, and deletes nothing that its files name', async () => {
    const { path } = await ensure();
    const planted = join(test.root, 'planted');
    git(path, 'config', 'core.fsmonitor', `touch ${planted}`);
    write(agents('hooks'), { 'reference-transaction': `#!/bin/sh\ntouch ${planted}\n` });
    execFileSync('chmod', ['+x', agents('hooks', 'reference-transaction')]);
    writeFileSync(admin('gitdir'), `${test.user}/.git\n`);
    writeFileSync(admin('commondir'), `${test.user}/.git\n`);
    await worktrees.removeWorktree('7');
    expect(existsSync(path)).toBe(false);
    expect(existsSync(planted)).toBe(false);
    expect(git(test.user, 'rev-parse', 'HEAD')).toBe(test.base);
  });

  it('manages when the agent deleted or closed what it had', async () => {
    const { path } = await ensure();
    mkdirSync(join(path, 'closed/inner'), { recursive: true });
    execFileSync('chmod', ['-R', '000', join(path, 'closed')]);
    rmSync(admin(), { recursive: true });
    await worktrees.removeWorktree('7');
    expect(existsSync(path)).toBe(false);
    expectUsable(await ensure());
  });
});

describe('listWorktrees', () => {
  it('tells files that are not committed, and commits that no ref keeps', async () => {
    const { path } = await ensure();
    expect(await listWorktrees(test.repository)).toMatchObject([{ key: '7', branch, dirty: false, ahead: false }]);
    git(path, 'update-index', '--assume-unchanged', 'src/a.txt');
    write(path, { 'src/a.txt': 'hidden' });
    expect(await listWorktrees(test.repository)).toMatchObject([{ dirty: true, ahead: false }]);
    git(path, 'update-index', '--no-assume-unchanged', 'src/a.txt');
    git(path, 'commit', '--quiet', '-am', 'mine');
    expect(await listWorktrees(test.repository)).toMatchObject([{ dirty: false, ahead: true }]);
  });
});

describe('repairWorktrees', () => {
  it('keeps what is live or holds work, and clears the rest', async () => {
    const make = (key: string) => worktrees.ensureWorktree({ key, branch: `millrace/${key}`, start: test.base });
    const [live, done, dirty] = [await make('live'), await make('done'), await make('dirty')];
    write(dirty.path, { 'new.txt': 'x' });
    await worktrees.ensureReviewWorktree({ key: 'live', sha: test.base });
    write(test.repository.layout.trash, { 'making-x/file': 'x' });
    write(agents('worktrees', 'stranger'), { HEAD: '', commondir: '', locked: 'initializing' });
    write(test.repository.layout.worktrees, { 'nobody/file.txt': 'x' });
    write(agents(), { 'packed-refs.lock': '', 'config.lock': '', 'refs/heads/millrace/live.lock': '' });
    writeFileSync(join(test.repository.layout.agents, 'worktrees', 'live', 'HEAD'), `${'0'.repeat(40)}\n`);
    const repair = await repairWorktrees(test.repository, new Set(['live']));
    expect(repair).toEqual({ usable: ['live'], removed: ['done'], kept: ['dirty'], broken: [] });
    expect(git(live.path, 'status', '--porcelain')).toBe('');
    expect(existsSync(done.path)).toBe(false);
    expect(git(dirty.path, 'status', '--porcelain')).toBe('?? new.txt');
    expect(git(agents(), 'worktree', 'list').split('\n')).toHaveLength(3);
    expect(existsSync(test.repository.layout.reviewWorktree('live'))).toBe(false);
    git(agents(), 'gc', '--quiet');
  });

  it('leaves a live worktree that was deleted to the step that knows its set-up', async () => {
    const { path } = await ensure();
    rmSync(path, { recursive: true });
    await repairWorktrees(test.repository, new Set(['7']));
    expect(existsSync(path)).toBe(false);
    const setUp = vi.fn(async () => {});
    expect(await ensure({ setUp })).toMatchObject({ made: true });
    expect(setUp).toHaveBeenCalledOnce();
  });

  it('mends the others when one cannot be mended', async () => {
    await ensure();
    write(test.repository.layout.leases, { 'a b/lease.json': '{}' });
    const repair = await repairWorktrees(test.repository, new Set(['7']));
    expect(repair).toMatchObject({ usable: ['7'], broken: [expect.stringContaining('a b: ')] });
  });

  it('takes nothing away where it cannot see which worktrees are ours', async () => {
    const { path } = await ensure();
    const { leases } = test.repository.layout;
    renameSync(leases, `${leases}.aside`);
    symlinkSync(leases, leases); // a loop: there, and not to be read
    await expect(repairWorktrees(test.repository, new Set(['7']))).rejects.toThrow('ELOOP');
    expect(existsSync(path)).toBe(true);
  });

  it('does nothing, quickly, in a repository that was never used', async () => {
    const nothing = { usable: [], removed: [], kept: [], broken: [] };
    expect(await repairWorktrees(test.repository, new Set())).toEqual(nothing);
  });
});
