import { spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { mustBeGone, vacate } from '../../../activities/worktree/vacate.ts';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-vacate-')));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('ends what still works in a folder', async () => {
  const left = spawn('sleep', ['600'], { cwd: folder, stdio: 'ignore' });
  const ended = new Promise((resolve) => left.once('exit', (_, signal) => resolve(signal)));
  await new Promise((resolve) => left.once('spawn', resolve));
  await vacate(folder);
  expect(await ended).toBe('SIGKILL');
});

it('has nothing to say about a folder that is not there', async () => {
  await vacate(join(folder, 'none'));
});

it('names what cannot be ended, and how to look at it', () => {
  expect(() => mustBeGone([12, 34], '/some/tree')).toThrow(
    expect.objectContaining({
      type: 'WorktreeBroken',
      message: 'processes 12,34 in /some/tree cannot be ended: look at them with ps -fp 12,34',
    }),
  );
});
