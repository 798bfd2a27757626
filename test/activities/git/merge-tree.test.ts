import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { looseRef } from '../../../activities/git/loose-ref.ts';
import { mergeTree } from '../../../activities/git/merge-tree.ts';
import { openMirror } from '../../../activities/git/mirror.ts';
import { createRemoteReader } from '../../../activities/git/remote.ts';
import { workInMirror } from '../../support/git/mirror-work.ts';
import { git, makeRepository, type TestRepository } from '../../support/git/repository.ts';

let test: TestRepository;
afterEach(() => test.remove());

it('two commits come to a tree, or to the files in which they conflict', async () => {
  test = makeRepository();
  const [one, two, other] = [
    await workInMirror(test, { '1.txt': '1' }),
    await workInMirror(test, { '2.txt': '2' }),
    await workInMirror(test, { '1.txt': 'other' }),
  ];
  const mirror = await openMirror(test.repository);
  const merged = await mergeTree(mirror.git, one, two);
  expect(merged).toEqual({ kind: 'merged', tree: expect.stringMatching(/^[0-9a-f]{40}$/) as string });
  expect(await mergeTree(mirror.git, one, other)).toEqual({ kind: 'conflict', files: ['1.txt'] });
});

it('an error of git is no clean merge, whoever asks', async () => {
  test = makeRepository();
  const mirror = await openMirror(test.repository);
  const tip = await mirror.fetchBase();
  const tree = await mirror.git.run(['rev-parse', `${tip}^{tree}`]);
  const stranger = await mirror.git.run(['commit-tree', '-F', '-', tree], { input: 'a history of its own' });
  await expect(mergeTree(mirror.git, tip, stranger)).rejects.toThrow('unrelated histories');
  const { remote } = test.repository.settings.repository;
  const reader = createRemoteReader({ mirror: async () => mirror.git, remote });
  await expect(reader.conflicts(tip, stranger)).rejects.toThrow('unrelated histories');
});

it('a ref is read from its file, and where that does not tell, git is asked', async () => {
  test = makeRepository();
  const mirror = await openMirror(test.repository);
  const tip = await mirror.fetchBase();
  const { dir } = mirror.git;
  const ref = 'refs/heads/one';
  expect(await looseRef(dir, ref)).toBe('nothing');
  await mirror.git.run(['update-ref', ref, tip]);
  expect(await looseRef(dir, ref)).toEqual({ sha: tip });
  writeFileSync(join(dir, ref), ''); // a power cut
  expect(await looseRef(dir, ref)).toBe('unknown');
  git(dir, 'pack-refs', '--all');
  expect(await looseRef(dir, 'refs/remotes/origin/main')).toBe('unknown');
});
