import { expect, test } from 'vitest';
import { createGit } from '../../../activities/git/git.ts';
import { touchedLines } from '../../../activities/git/changed-lines.ts';
import { git, makeRepository, temporaryFolder, writeFiles } from '../../support/git/user-repository.ts';

test('the lines that a fix touched are told by file, also odd ones, renamed ones and removed ones', async () => {
  const folder = await temporaryFolder();
  const ten = Array.from({ length: 10 }, (_, index) => `line ${index + 1}\n`).join('');
  await makeRepository(folder, { 'a.ts': ten, 'gone.ts': ten, 'old.ts': ten, 'with space.ts': 'x\n', 'same.ts': ten });
  const since = await git(folder, 'rev-parse', 'HEAD');
  await writeFiles(folder, {
    'a.ts': ten.replace('line 3\n', 'changed\nand more\n').replace('line 9\n', ''),
    'with space.ts': 'y\n',
    'new.ts': 'one\ntwo\n',
    'quo"te.ts': 'q\n',
    'grüße.ts': 'q\n',
  });
  await git(folder, 'rm', '--quiet', 'gone.ts');
  await git(folder, 'mv', 'old.ts', 'moved.ts');
  await git(folder, 'add', '--all');
  await git(folder, 'commit', '--quiet', '--message', 'fix');
  const head = await git(folder, 'rev-parse', 'HEAD');
  const touched = await touchedLines(createGit(`${folder}/.git`), since, head);
  expect(Object.fromEntries(touched)).toEqual({
    'a.ts': [
      [3, 4],
      [9, 10],
    ],
    'gone.ts': [[0, 1]],
    'moved.ts': [[1, 10]],
    'new.ts': [[1, 2]],
    'old.ts': [[0, 1]],
    'quo"te.ts': [[1, 1]],
    'grüße.ts': [[1, 1]],
    'with space.ts': [[1, 1]],
  });
});

test('a line that looks like the header of another file hides nothing that comes after it', async () => {
  const folder = await temporaryFolder();
  const ten = Array.from({ length: 10 }, (_, index) => `line ${index + 1}\n`).join('');
  await makeRepository(folder, { 'a.sql': `-- gone.sql\n${ten}` });
  const since = await git(folder, 'rev-parse', 'HEAD');
  await writeFiles(folder, { 'a.sql': `++ b.sql\n${ten.replace('line 9\n', '++ /dev/null\nlast')}` });
  await git(folder, 'commit', '--quiet', '--all', '--message', 'fix');
  const head = await git(folder, 'rev-parse', 'HEAD');
  const touched = await touchedLines(createGit(`${folder}/.git`), since, head);
  expect(Object.fromEntries(touched)).toEqual({
    'a.sql': [
      [1, 1],
      [10, 11],
    ],
  });
});
