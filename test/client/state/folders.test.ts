import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { UsageError } from '../../../client/input/errors.ts';
import { ensureFolder } from '../../../client/state/folders.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-state-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('a state folder is made with its parents, for its owner alone', async () => {
  const path = join(folder, 'a', 'b', 'c');
  expect(await Promise.all([ensureFolder(path), ensureFolder(path)])).toEqual([path, path]);
  expect((await stat(path)).mode & 0o777).toBe(0o700);
});

test('a state folder that cannot be made is refused with its name and the mend', async () => {
  const file = join(folder, 'file');
  await writeFile(file, '');
  const refused = ensureFolder(join(file, 'state'));
  await expect(refused).rejects.toThrow(UsageError);
  await expect(refused).rejects.toThrow(/file\/state: it cannot be made: .*\n {2}try: set MILLRACE_STATE/);
});

test.skipIf(process.getuid?.() !== 0)('a user without a home is told which variables to set', () => {
  const module = new URL('../../../client/state/folders.ts', import.meta.url).href;
  const script = `import(${JSON.stringify(module)}).then(({ stateRoot }) => stateRoot({})).catch(({ message }) => console.log(message))`;
  const { stdout } = spawnSync(process.execPath, ['--import', import.meta.resolve('tsx'), '-e', script], {
    uid: 61_234, // nobody has this number
    env: { PATH: process.env['PATH'] ?? '' },
    encoding: 'utf8',
  });
  expect(stdout).toContain('HOME: it is not set, and this user has no home folder\n  try: set HOME; or MILLRACE_STATE');
});
