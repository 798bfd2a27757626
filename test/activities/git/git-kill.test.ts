import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openMirror } from '../../../activities/git/mirror.ts';
import { trashEmptied } from '../../../activities/worktree/trash.ts';
import { openWorktrees } from '../../../activities/worktree/worktree.ts';
import { repairWorktrees } from '../../../activities/worktree/repair.ts';
import type { GitLoop } from '../../support/git/git-loop.ts';
import { until } from '../../support/processes.ts';
import { git, makeRepository, type TestRepository } from '../../support/git/repository.ts';

const KILLS = 40;
/** Steps that a worker reports before it is killed, at most, and then milliseconds: it dies in any step. */
const STEPS = 18;
const STEP_MS = 60;
const keys = ['k1', 'k2', 'k3'];

interface Worker {
  readonly process: ChildProcessByStdio<Writable, Readable, null>;
  /** Waits for its next report; null when it ended instead. */
  step(): Promise<string | null>;
}

let test: TestRepository;
let workers: Worker[] = [];
beforeEach(async () => {
  const files = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`src/${index}.txt`, `${index}\n`]));
  test = makeRepository({ files });
  await (await openMirror(test.repository)).fetchBase();
});
afterEach(async () => {
  for (const worker of workers) endGroup(worker);
  workers = [];
  await test.remove();
});

it(
  `${KILLS} kills at random moments lose no kept commit and leave nothing that breaks`,
  { timeout: 240_000 },
  async () => {
    const seed = Date.now() % 1_000_000;
    const random = numbersFrom(seed);
    const { layout, settings } = test.repository;
    const loop: GitLoop = { settings, root: layout.root, base: test.base, keys, log: join(test.root, 'kept.log') };
    let next = start(loop);
    for (let kill = 0; kill < KILLS; kill += 1) {
      const worker = await next;
      next = start(loop); // ready to follow at once, while the orphans of this one still work
      worker.process.stdin.write('go\n');
      for (let steps = Math.floor(random() * STEPS); steps > 0; steps -= 1) await worker.step();
      await sleep(random() * STEP_MS);
      const { exitCode } = worker.process;
      expect(exitCode, `seed ${seed}: worker ${kill} ended by itself`).toBeNull();
      if (kill % 2 === 0) worker.process.kill('SIGKILL');
      else endGroup(worker);
    }
    endGroup(await next);
    expect(await until(() => workers.every((worker) => !groupLives(worker)))).toBe(true);
    await check(loop, `seed ${seed}`);
  },
);

async function check(loop: GitLoop, hint: string): Promise<void> {
  const { layout } = test.repository;
  const repair = await repairWorktrees(test.repository, new Set(keys));
  expect(repair.kept, hint).toEqual([]);
  const mirror = await openMirror(test.repository);
  const worktrees = await openWorktrees(test.repository);
  const kept = existsSync(loop.log) ? readFileSync(loop.log, 'utf8').trim().split('\n') : [];
  expect(kept.length, `${hint}: too few commits to tell`).toBeGreaterThan(KILLS / 4);
  for (const line of kept) {
    const [, ref = '', sha = ''] = line.split(' ');
    const now = await mirror.resolve(ref);
    expect(now !== null && (await mirror.isAncestor(sha, now)), `${hint}: ${line} is ${String(now)}`).toBe(true);
  }
  for (const key of keys) {
    const { path } = await worktrees.ensureWorktree({ key, branch: `millrace/${key}`, start: test.base });
    expect(git(path, 'symbolic-ref', 'HEAD'), hint).toBe(`refs/heads/millrace/${key}`);
    expect(git(path, 'ls-files', '--deleted', '--modified', 'src'), hint).toBe('');
    git(path, 'commit', '--quiet', '--allow-empty', '-m', 'an agent can work');
  }
  for (const repository of [layout.mirror, layout.agents]) {
    git(repository, 'fsck', '--no-dangling');
    const names = readdirSync(repository, { recursive: true, encoding: 'utf8' });
    const locks = names.filter((name) => name.endsWith('.lock') && !name.startsWith('objects'));
    expect(locks, hint).toEqual([]);
  }
  git(layout.agents, 'gc', '--quiet');
  expect(git(layout.agents, 'worktree', 'list').split('\n'), hint).toHaveLength(keys.length + 1);
  await trashEmptied();
  expect(readdirSync(layout.trash), hint).toEqual([]);
}

async function start(loop: GitLoop): Promise<Worker> {
  const script = fileURLToPath(new URL('../../support/git/git-loop.ts', import.meta.url));
  const args = ['--import', 'tsx', script, JSON.stringify(loop)];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const step = async () => {
    const line = await lines.next();
    return line.done ? null : line.value;
  };
  const worker = { process: child, step };
  workers.push(worker);
  await once(child, 'spawn');
  expect(await step()).toBe('ready');
  return worker;
}

function endGroup({ process: child }: Worker): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // it ended before
  }
}

function groupLives({ process: child }: Worker): boolean {
  try {
    return child.pid !== undefined && process.kill(-child.pid, 0);
  } catch {
    return false;
  }
}

/** Park and Miller's: the seed of a failing run can be put in again. */
function numbersFrom(seed: number): () => number {
  let state = seed + 1;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}
