import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { namesIn, openPlain, readPlain } from '../../../activities/host/plain-file.ts';
import { tsxLoader } from '../../../client/session/worker-process.ts';
import { fixture } from '../../support/processes.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-plain-'));
  writeFileSync(join(folder, 'plain.json'), '{"version":1}');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('reads a regular file, and nothing else that lies at a path', async () => {
  mkdirSync(join(folder, 'folder'));
  symlinkSync('plain.json', join(folder, 'link'));
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  expect(await readPlain(join(folder, 'plain.json'))).toBe('{"version":1}');
  for (const name of ['folder', 'link', 'pipe', 'nothing']) {
    expect(await readPlain(join(folder, name)), name).toBeNull();
    expect(await openPlain(join(folder, name)), name).toBeNull();
  }
});

it('lists a folder that is not there as empty, and no other one that it cannot list', async () => {
  expect(await namesIn(join(folder, 'nothing'))).toEqual([]);
  symlinkSync('loop', join(folder, 'loop'));
  await expect(namesIn(join(folder, 'loop'))).rejects.toThrow('ELOOP');
});

it('a process without file descriptors takes no file for missing: no journal is begun anew for it', () => {
  const modules = fileURLToPath(new URL('../../../activities', import.meta.url));
  const program = fixture('exhausted-reader', modules, join(folder, 'plain.json')).slice(1);
  const argv = [process.execPath, '--import', tsxLoader(), ...program];
  const answers = execFileSync('sh', ['-c', 'ulimit -n 64; exec "$@"', 'sh', ...argv], { encoding: 'utf8' });
  expect(JSON.parse(answers)).toEqual(['EMFILE', 'EMFILE', 'EMFILE', 'EMFILE']);
});
