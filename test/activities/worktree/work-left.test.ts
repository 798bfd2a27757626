import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
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

describe('what an agent can leave', () => {
  it('a merge in progress: its files as they stand, and no merge any more', async () => {
    git(tree, 'checkout', '--quiet', '-b', 'side');
    agentCommits({ 'src/a.txt': 'side\n' });
    git(tree, 'checkout', '--quiet', branch);
    const own = agentCommits({ 'src/a.txt': 'ours\n' });
    expect(() => git(tree, 'merge', 'side')).toThrow('Command failed: git merge side');
    const work = await commit();
    expect(inMirror('rev-parse', `${work.head}^`)).toBe(own);
    expect(textOf(work.head, 'src/a.txt')).toContain('<<<<<<<');
    await expectSettled(work.head);
    expect(() => git(tree, 'merge', '--abort')).toThrow('MERGE_HEAD');
  });

  it('a rebase in progress: what is there, and the commits before it kept beside', async () => {
    git(tree, 'checkout', '--quiet', '-b', 'side');
    agentCommits({ 'src/a.txt': 'side\n' });
    git(tree, 'checkout', '--quiet', branch);
    const before = agentCommits({ 'src/a.txt': 'ours\n' });
    expect(() => git(tree, 'rebase', 'side')).toThrow('Command failed: git rebase side');
    const work = await commit();
    expect(work.changed).toBe(true);
    expect(work.notices).toHaveLength(1);
    expect(await mirror.resolve(`${ref}-${before.slice(0, 12)}`)).toBe(before);
    await expectSettled(work.head);
  });

  it('a detached HEAD or another branch with commits: those count', async () => {
    git(tree, 'checkout', '--quiet', '--detach');
    const detached = agentCommits({ 'one.txt': '1' });
    expect(await commit()).toMatchObject({ head: detached });
    git(tree, 'checkout', '--quiet', '-b', 'feature/mine');
    const other = agentCommits({ 'two.txt': '2' });
    expect(await commit()).toMatchObject({ head: other, changed: true });
    await expectSettled(other);
  });

  it('an older commit checked out to look at: the branch counts, and its files come back', async () => {
    const own = agentCommits({ 'one.txt': '1' });
    git(tree, 'checkout', '--quiet', '--detach', test.base);
    expect(await commit()).toMatchObject({ head: own, changed: true });
    await expectSettled(own);
  });

  it('an amended commit of an earlier attempt: both are kept, and the branch never goes back', async () => {
    agentCommits({ 'one.txt': '1' });
    const first = await commit();
    write(tree, { 'one.txt': 'better' });
    git(tree, 'commit', '--quiet', '--amend', '-am', 'amended');
    const amended = git(tree, 'rev-parse', 'HEAD');
    const second = await commit({ attempt: 2, head: first.head });
    expect(inMirror('show', '-s', '--format=%P', second.head)).toBe(`${first.head} ${amended}`);
    expect(textOf(second.head, 'one.txt')).toBe('better');
    expect(git(tree, 'status', '--porcelain')).toBe('');
  });

  it('a history of its own: refused by name, and kept all the same', async () => {
    git(tree, 'checkout', '--quiet', '--orphan', 'fresh');
    const own = agentCommits({ 'one.txt': '1' });
    const failure = await commit().catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'WorktreeConflict', details: { kind: 'history-rewritten' } });
    expect(String(failure)).toContain(`${ref}-${own.slice(0, 12)}`);
    expect(await mirror.resolve(`${ref}-${own.slice(0, 12)}`)).toBe(own);
    expect(await mirror.resolve(ref)).toBeNull();
  });

  it.each<[string, () => void]>([
    ['its worktree deleted', () => rmSync(tree, { recursive: true })],
    ['its worktree moved away', () => renameSync(tree, join(test.root, 'moved'))],
    [
      'a link to elsewhere in its place',
      () => {
        renameSync(tree, join(test.root, 'moved'));
        symlinkSync(test.user, tree);
      },
    ],
  ])('%s: nothing new, but what it committed', async (_name, act) => {
    const own = agentCommits({ 'one.txt': '1' });
    write(tree, { 'two.txt': 'not committed' });
    act();
    expect(await commit()).toMatchObject({ head: own, changed: true, ref });
    expect(await mirror.resolve(ref)).toBe(own);
  });

  it('its entry deleted as well: the branch still has its commits', async () => {
    const own = agentCommits({ 'one.txt': '1' });
    rmSync(join(test.repository.layout.agents, 'worktrees'), { recursive: true });
    write(tree, { 'two.txt': 'not committed' });
    const work = await commit();
    expect(inMirror('rev-parse', `${work.head}^`)).toBe(own);
    await expectSettled(work.head);
  });

  it('a repository of its own in place of ours: its files are the work', async () => {
    rmSync(join(tree, '.git'));
    git(tree, 'init', '--quiet');
    agentCommits({ 'one.txt': '1' });
    const work = await commit();
    expect(filesOf(work.head)).toContain('one.txt');
    await expectSettled(work.head);
  });

  it('locks of a git that was killed', async () => {
    const admin = join(test.repository.layout.agents, 'worktrees/7');
    write(tree, { 'one.txt': '1' });
    for (const lock of [join(admin, 'index.lock'), join(admin, 'HEAD.lock')]) writeFileSync(lock, '');
    write(test.repository.layout.agents, { [`refs/heads/${branch}.lock`]: '' });
    await expectSettled((await commit()).head);
  });

  it('repositories inside, pipes and huge files: left out by name, the rest is taken', async () => {
    mkdirSync(join(tree, 'vendor/lib'), { recursive: true });
    git(join(tree, 'vendor/lib'), 'init', '--quiet');
    write(tree, { 'vendor/lib/file.txt': 'x', 'one.txt': '1', 'huge.bin': '' });
    git(join(tree, 'vendor/lib'), 'add', '.');
    git(join(tree, 'vendor/lib'), 'commit', '--quiet', '-m', 'inner');
    truncateSync(join(tree, 'huge.bin'), 101 * 1024 * 1024);
    rmSync(join(tree, 'src/a.txt'));
    execFileSync('mkfifo', [join(tree, 'src/a.txt'), join(tree, 'pipe')]);
    const work = await commit();
    expect(filesOf(work.head)).toEqual(['README.md', 'one.txt', 'src/a.txt', 'src/b.txt']);
    expect(work.notices.join('\n')).toContain('src/a.txt is left out: it is not a file');
    expect(work.notices.join('\n')).toMatch(/huge\.bin is left out: \d+ bytes/);
    expect(work.notices.join('\n')).toContain('vendor/lib/ is left out: it is a git repository of its own');
    expect(inMirror('ls-tree', '-r', work.head)).not.toContain('160000');
  });

  it('a file where a folder was, and a folder where a file was', async () => {
    rmSync(join(tree, 'src'), { recursive: true });
    rmSync(join(tree, 'README.md'));
    write(tree, { src: 'a file now', 'README.md/inner.txt': 'a folder now' });
    const work = await commit();
    expect(filesOf(work.head)).toEqual(['README.md/inner.txt', 'src']);
    await expectSettled(work.head);
  });

  it('names that look like options, patterns, or nothing that can be printed', async () => {
    const names = [
      '--upload-pack=touch x',
      '-n',
      ':(exclude)*',
      '*',
      'a\nb',
      'tab\there',
      '"quoted"',
      'trailing ',
      '#x',
      '!y',
      'ü',
    ];
    write(tree, Object.fromEntries(names.map((name) => [name, name])));
    writeFileSync(Buffer.concat([Buffer.from(`${tree}/`), Buffer.from([0x66, 0xff, 0xfe])]), 'not UTF-8');
    const work = await commit();
    const listed = inMirror('ls-tree', '-z', '--name-only', work.head).split('\0'); // and README.md, src, the odd one, the last end
    for (const name of names) expect(listed).toContain(name);
    expect(listed).toHaveLength(names.length + 4);
    await expectSettled(work.head);
  });

  it('hooks, filters, monitors and includes: none of them runs', async () => {
    const planted = join(test.root, 'planted');
    const run = `touch ${planted}; cat`;
    for (const [name, value] of Object.entries({
      'core.fsmonitor': run,
      'core.hooksPath': join(tree, 'hooks'),
      'filter.evil.clean': run,
      'filter.evil.smudge': run,
      'diff.evil.textconv': run,
      'diff.evil.command': run,
      'diff.external': run,
      'merge.evil.driver': run,
      'gpg.program': run,
      'core.sshCommand': run,
      'core.editor': run,
      'uploadpack.packObjectsHook': run,
      'core.alternateRefsCommand': run,
    })) {
      git(tree, 'config', name, value);
    }
    agentCommitsQuietly();
    for (const folder of [join(tree, 'hooks'), join(test.repository.layout.agents, 'hooks')]) {
      for (const hook of [
        'pre-commit',
        'post-commit',
        'reference-transaction',
        'post-index-change',
        'pre-push',
        'post-checkout',
      ]) {
        write(folder, { [hook]: `#!/bin/sh\ntouch ${planted}\n` });
        execFileSync('chmod', ['+x', join(folder, hook)]);
      }
    }
    write(tree, { '.gitattributes': '* filter=evil diff=evil merge=evil\n', 'src/a.txt': 'changed' });
    rmSync(planted, { force: true });
    const work = await commit();
    expect(work.changed).toBe(true);
    expect(filesOf(work.head)).toContain('mine.txt');
    expect(existsSync(planted)).toBe(false);
  });

  function agentCommitsQuietly(): void {
    write(tree, { 'mine.txt': 'mine' });
    git(tree, '-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', 'add', 'mine.txt');
    git(tree, '-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', 'commit', '--quiet', '-m', 'mine');
  }

  it('objects pruned from its own history: the files are still taken', async () => {
    const own = agentCommits({ 'one.txt': '1' });
    agentCommits({ 'two.txt': '2' });
    const object = join(test.repository.layout.agents, 'objects', own.slice(0, 2), own.slice(2));
    rmSync(object);
    const work = await commit();
    expect(filesOf(work.head)).toEqual(['README.md', 'one.txt', 'src/a.txt', 'src/b.txt', 'two.txt']);
    expect(work.notices[0]).toContain('a commit is left out, its files are not');
    await expectSettled(work.head);
  });
});
