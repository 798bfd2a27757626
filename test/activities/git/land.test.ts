import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { landDirect } from '../../../activities/git/land.ts';
import { workInMirror } from '../../support/git/mirror-work.ts';
import { git, makeRepository, write, type TestRepository } from '../../support/git/repository.ts';

let test: TestRepository;
afterEach(() => test.remove());

const work = (files: Readonly<Record<string, string>>, parent?: string) => workInMirror(test, files, parent);
const land = (head: string) => landDirect(test.repository, { base: 'main', head, message: 'Land the work' });
const tip = () => git(test.repository.settings.repository.remote, 'rev-parse', 'main');

describe('landDirect', () => {
  it('merges into the newest base, and finds landed what has landed', async () => {
    test = makeRepository();
    const head = await work({ 'src/a.txt': 'ours' });
    const moved = test.advance({ 'late.txt': 'late' });
    const landed = await land(head);
    expect(landed).toEqual({ kind: 'landed', sha: tip() });
    expect(git(test.origin, 'show', '-s', '--format=%P%n%s', 'main')).toBe(`${moved} ${head}\nLand the work`);
    expect(git(test.origin, 'show', 'main:src/a.txt')).toBe('ours');
    expect(await land(head)).toEqual(landed);
  });

  it('names the files that conflict, and moves nothing', async () => {
    test = makeRepository();
    const head = await work({ 'src/a.txt': 'ours', 'a\nb.txt': 'ours', 'fine.txt': 'x' });
    const moved = test.advance({ 'src/a.txt': 'theirs', 'a\nb.txt': 'theirs' });
    expect(await land(head)).toEqual({ kind: 'conflict', files: ['a\nb.txt', 'src/a.txt'] });
    expect(tip()).toBe(moved);
  });

  it('lands many at once, one after the other', async () => {
    test = makeRepository();
    const heads = await Promise.all(['1', '2', '3', '4'].map((name) => work({ [`${name}.txt`]: name })));
    const results = await Promise.all(heads.map((head) => land(head)));
    expect(results.map((each) => each.kind)).toEqual(['landed', 'landed', 'landed', 'landed']);
    for (const head of heads) git(test.origin, 'merge-base', '--is-ancestor', head, 'main');
  });

  it('starts over when the base moves under it, and gives up after five times', async () => {
    test = makeRepository();
    const head = await work({ 'src/a.txt': 'ours' });
    // The base moves just before each push arrives, `times` times.
    const mover = (times: number) => {
      const script = `#!/bin/sh
n=$(cat ${test.root}/count 2>/dev/null || echo 0)
[ "$n" -ge ${times} ] && exit 0
echo $((n + 1)) > ${test.root}/count
unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES
new=$(git commit-tree -p main -m moved "main^{tree}")
git update-ref refs/heads/main "$new"
exit 0
`;
      write(test.origin, { 'hooks/pre-receive': script });
      execFileSync('chmod', ['+x', join(test.origin, 'hooks/pre-receive')]);
      execFileSync('rm', ['-f', join(test.root, 'count')]);
      git(test.origin, 'config', 'user.name', 'mover');
      git(test.origin, 'config', 'user.email', 'mover@example.org');
    };
    mover(100);
    await expect(land(head)).rejects.toMatchObject({ name: 'PushRejected' });
    expect(readFileSync(join(test.root, 'count'), 'utf8').trim()).toBe('5');
    mover(2);
    expect(await land(head)).toEqual({ kind: 'landed', sha: tip() });
  });

  it('says what a protected base answers, and what a person can type', async () => {
    test = makeRepository();
    const head = await work({ 'src/a.txt': 'ours' });
    write(test.origin, { 'hooks/pre-receive': '#!/bin/sh\necho main is protected >&2\nexit 1\n' });
    execFileSync('chmod', ['+x', join(test.origin, 'hooks/pre-receive')]);
    const result = await land(head);
    expect(result).toMatchObject({ kind: 'blocked', reason: expect.stringContaining('main is protected') });
    expect(tip()).toBe(test.base);
  });
});

describe('landing in the user’s own repository, base checked out', () => {
  it('moves a clean working tree together with the base', async () => {
    test = makeRepository({ remote: 'clone' });
    write(test.user, { 'untracked.txt': 'mine' });
    const head = await work({ 'src/a.txt': 'ours', 'new.txt': 'new' });
    expect(await land(head)).toEqual({ kind: 'landed', sha: tip() });
    expect(git(test.user, 'status', '--porcelain')).toBe('?? untracked.txt');
    expect(readFileSync(join(test.user, 'src/a.txt'), 'utf8')).toBe('ours');
    expect(git(test.user, 'config', '--list', '--local')).not.toContain('denycurrentbranch');
  });

  it.each<[string, () => void]>([
    ['a change that is not staged', () => write(test.user, { 'src/b.txt': 'mine' })],
    [
      'a staged change',
      () => {
        write(test.user, { 'src/b.txt': 'mine' });
        git(test.user, 'add', '.');
      },
    ],
    ['a new file that is in the way', () => write(test.user, { 'new.txt': 'mine' })],
  ])('does not move at all beside %s, and lands once that is out of the way', async (_name, disturb) => {
    test = makeRepository({ remote: 'clone' });
    const head = await work({ 'src/a.txt': 'ours', 'new.txt': 'new' });
    disturb();
    const before = git(test.user, 'status', '--porcelain');
    const result = await land(head);
    expect(result).toMatchObject({ kind: 'blocked', reason: expect.stringContaining('main is checked out in') });
    expect(tip()).toBe(test.base);
    expect(git(test.user, 'status', '--porcelain')).toBe(before);
    expect(readFileSync(join(test.user, 'src/a.txt'), 'utf8')).toBe('a\n');
    if (result.kind !== 'blocked') throw new Error('expected it to be blocked');
    expect(result.command).toBe(`git -C ${test.user} stash --include-untracked`);
    git(test.user, 'stash', '--include-untracked', '--quiet');
    expect(await land(head)).toEqual({ kind: 'landed', sha: tip() });
    expect(git(test.user, 'status', '--porcelain')).toBe('');
  });

  it('leaves the working tree alone where another branch is checked out', async () => {
    test = makeRepository({ remote: 'clone' });
    git(test.user, 'checkout', '--quiet', '-b', 'elsewhere');
    write(test.user, { 'src/b.txt': 'mine' });
    const head = await work({ 'src/a.txt': 'ours' });
    expect(await land(head)).toEqual({ kind: 'landed', sha: tip() });
    expect(git(test.user, 'status', '--porcelain')).toBe('M src/b.txt');
  });
});
