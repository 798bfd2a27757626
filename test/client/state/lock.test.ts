import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { acquireLock, LockHeld, tryLock } from '../../../client/state/lock.ts';
import { presentIn } from '../../../client/state/presence.ts';
import { isRunning, ownIdentity } from '../../../client/state/process-identity.ts';
import { fixture, output, run } from '../fixtures/run.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-lock-'));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

test('a lock is refused while its holder lives, with the holder named, and free after its release', async () => {
  const lock = await acquireLock(join(folder, 'a'));
  const refusal = await acquireLock(join(folder, 'a')).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(LockHeld);
  expect((refusal as LockHeld).holder.pid).toBe(process.pid);
  expect(await tryLock(join(folder, 'a'))).toBeNull();
  await lock.release();
  await lock.release();
  expect(await tryLock(join(folder, 'a'))).not.toBeNull();
});

test('whoever waits gets the lock when the holder lets go', async () => {
  const lock = await acquireLock(folder);
  const order: string[] = [];
  const waiting = acquireLock(folder, 10_000).then(() => order.push('got it'));
  await expect(acquireLock(folder, 150)).rejects.toThrow(LockHeld);
  order.push('released');
  await lock.release();
  await waiting;
  expect(order).toEqual(['released', 'got it']);
});

test('a lock of a killed process is free at once', async () => {
  const holder = run(fixture('hold-lock', folder));
  await once(holder.stdout!, 'data');
  await expect(acquireLock(folder)).rejects.toThrow(`held by process ${holder.pid}`);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  const lock = await acquireLock(folder);
  expect(await readdir(folder)).toHaveLength(1);
  await lock.release();
  expect(await readdir(folder)).toEqual([]);
});

test('a pid that belongs to another process by now holds nothing', async () => {
  const own = await ownIdentity();
  expect(await isRunning(own)).toBe(true);
  expect(await isRunning({ ...own, startTime: '1@earlier' })).toBe(false);
  await writeFile(join(folder, `${own.pid}~${Buffer.from('1@earlier').toString('base64url')}~note`), 'holds\n');
  await acquireLock(folder);
  expect(await readdir(folder)).toHaveLength(1);
});

test('files that are no notes neither hold the lock nor break it', async () => {
  await writeFile(join(folder, 'README'), 'a stranger');
  await writeFile(join(folder, '12~%E0%A4%A~x'), '');
  await mkdir(join(folder, 'folder'));
  expect(await tryLock(folder)).not.toBeNull();
});

test('a folder that cannot be read is not one without a holder', async () => {
  const loop = join(folder, 'loop');
  await symlink(loop, loop);
  await expect(presentIn(loop)).rejects.toThrow('ELOOP');
  expect(await presentIn(join(folder, 'nothing'))).toEqual([]);
});

test('of processes that race, over a dead holder too, never two have the lock', async () => {
  const lock = join(folder, 'lock');
  const journal = join(folder, 'journal');
  const dead = run(fixture('hold-lock', lock));
  await once(dead.stdout!, 'data');
  dead.kill('SIGKILL');
  await once(dead, 'exit');
  const racers = Array.from({ length: 6 }, () => run(fixture('take-lock', lock, journal, '15')));
  expect((await Promise.all(racers.map(output))).map(({ code }) => code)).toEqual([0, 0, 0, 0, 0, 0]);
  const lines = (await readFile(journal, 'utf8')).trim().split('\n');
  expect(lines).toHaveLength(6 * 15 * 2);
  for (let index = 0; index < lines.length; index += 2) {
    expect(lines[index]).toMatch(/^\+/);
    expect(lines[index + 1]).toBe(lines[index]!.replace('+', '-'));
  }
});
