import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { programEnvironment } from '../../../activities/process/environment.ts';
import { endOrphans } from '../../../activities/attempt/orphans.ts';
import { endFamily } from '../../../activities/process/end.ts';
import { identify, isAlive, listProcesses, processesBelow } from '../../../activities/process/table.ts';
import { runProcess, type ProcessSpec } from '../../../activities/process/process.ts';
import { tsxLoader } from '../../../client/session/worker-process.ts';
import { fixture, livingOf, until } from '../../support/processes.ts';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-process-')));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function run(argv: readonly string[], options: Partial<ProcessSpec> = {}) {
  return runProcess({ argv, cwd: folder, env: programEnvironment(), wallMs: 20_000, graceMs: 300, ...options });
}

const leftBelow = (): number => processesBelow(folder, listProcesses()).length;

describe('the end of a run', () => {
  test('is the exit code of a program that ended by itself', async () => {
    const lines: string[] = [];
    const result = await run(fixture('says', '3', 'one', 'two'), { onLine: (line) => lines.push(line) });
    expect(result.end).toEqual({ kind: 'exited', code: 3 });
    expect(lines).toEqual(['one', 'two']);
    expect(result.bytes).toBe(8);
  });

  test('is the signal of a program that somebody else ended', async () => {
    const result = await run(fixture('hangs'), { onStart: ({ pid }) => void process.kill(pid, 'SIGKILL') });
    expect(result.end).toEqual({ kind: 'signalled', signal: 'SIGKILL' });
  });

  test('is a time-out after the wall clock, also of a program that is deaf to SIGTERM', async () => {
    const result = await run(fixture('hangs', 'deaf'), { wallMs: 300 });
    expect(result.end).toEqual({ kind: 'timed-out', limit: 'wall' });
    expect(leftBelow()).toBe(0);
  });

  test('is a time-out after too long a silence, and not while bytes keep coming', async () => {
    expect((await run(fixture('hangs'), { idleMs: 300 })).end).toEqual({ kind: 'timed-out', limit: 'idle' });
    const chatty = await run(fixture('hangs', 'chatty'), { idleMs: 700, wallMs: 1_500 });
    expect(chatty.end).toEqual({ kind: 'timed-out', limit: 'wall' });
  });

  test('is a cancel where the signal came first, whatever the program exits with', async () => {
    const cancel = new AbortController();
    const result = await run(fixture('hangs'), { signal: cancel.signal, onLine: () => cancel.abort() });
    expect(result.end).toEqual({ kind: 'cancelled' });
  });

  test('is a cancel before the start for a signal that had already come', async () => {
    const result = await run(fixture('says', '0', 'never'), { signal: AbortSignal.abort() });
    expect(result.end).toEqual({ kind: 'cancelled' });
    expect(result.bytes).toBe(0);
  });

  test.each([
    ['a program that does not exist', ['no-such-program-anywhere'], 'ENOENT', /no-such-program-anywhere/],
    ['an empty command', [], 'ENOENT', /empty/],
    ['a file that may not be run', ['/dev/null'], 'EACCES', /EACCES/],
    ['an argument with a NUL', ['ls', 'a\0b'], 'ERR_INVALID_ARG_VALUE', /null bytes/],
  ])('is not-started for %s', async (_name, argv, ...[code, problem]) => {
    const { end } = await run(argv);
    expect(end).toMatchObject({ kind: 'not-started', code, problem: expect.stringMatching(problem) as string });
    expect('notOnPath' in end).toBe(argv[0] === 'no-such-program-anywhere');
  });

  test('is not-started in a folder that does not exist, and names the folder', async () => {
    const { end } = await run(fixture('says', '0'), { cwd: join(folder, 'gone') });
    expect(end).toMatchObject({ kind: 'not-started', problem: `the folder ${folder}/gone does not exist` });
  });
});

describe('input, output, environment', () => {
  test('the input arrives whole and closed, also 400 KB of it', async () => {
    const lines: string[] = [];
    const input = 'ü'.repeat(200_000);
    await run(['wc', '-c'], { stdin: input, onLine: (line) => lines.push(line.trim()) });
    expect(lines).toEqual(['400000']);
  });

  test('a program that never reads its input ends as any other', async () => {
    const result = await run(fixture('says', '0'), { stdin: 'x'.repeat(4_000_000) });
    expect(result.end).toEqual({ kind: 'exited', code: 0 });
  });

  test('nothing of our environment arrives but the allow-list and what was asked for', async () => {
    process.env['MILLRACE_CANARY'] = process.env['GITHUB_TOKEN'] = 'canary-canary';
    process.env['ASKED_FOR'] = 'yes';
    const lines: string[] = [];
    const env = programEnvironment(['ASKED_FOR', 'GITHUB_TOKEN', 'MILLRACE_CANARY']);
    await run(['env'], { env, onLine: (line) => lines.push(line) });
    const names = lines.map((line) => line.replace(/=.*/s, '')).toSorted((a, b) => a.localeCompare(b));
    const allowed = ['ASKED_FOR', 'HOME', 'LANG', 'PATH', 'TERM', 'TZ', ...(process.env['TMPDIR'] ? ['TMPDIR'] : [])];
    expect(names).toEqual(allowed.toSorted((a, b) => a.localeCompare(b)));
  });

  test('standard error is kept by its tail and counts as a sign of life', async () => {
    const script = 'for (let i = 0; i < 5000; i++) console.error("line " + i)';
    const result = await run([process.execPath, '-e', script]);
    expect(result.stderr.endsWith('line 4999\n')).toBe(true);
    expect(result.stderr.length).toBeLessThanOrEqual(16 * 1024);
  });

  test('reading waits for the promise of onBytes', async () => {
    let held = 0;
    let most = 0;
    await run(fixture('floods', 'lines', String(4 * 1024 * 1024)), {
      onBytes: async () => {
        most = Math.max(most, ++held);
        await new Promise((resolve) => setImmediate(resolve));
        held--;
      },
    });
    expect(most).toBe(1);
  });

  test('an error in a callback is thrown, and leaves no process', async () => {
    const bug = run(fixture('hangs', 'deaf'), {
      onLine: () => {
        throw new TypeError('a bug');
      },
    });
    await expect(bug).rejects.toThrow('a bug');
    expect(leftBelow()).toBe(0);
  });
});

describe('a flood', () => {
  test.each(['lines', 'short', 'endless'])('of 1 GB (%s) is cut at the cap with little memory', async (manner) => {
    const before = process.memoryUsage().rss;
    let longest = 0;
    let peak = before;
    const result = await run(fixture('floods', manner), {
      onLine: (line) => (longest = Math.max(longest, line.length)),
      onBytes: () => void (peak = Math.max(peak, process.memoryUsage().rss)),
    });
    expect(result.end).toEqual({ kind: 'output-limit' });
    expect(result.bytes).toBeLessThan(65 * 1024 * 1024);
    expect(longest).toBeLessThanOrEqual(1024 * 1024);
    expect((peak - before) / 1024 ** 2).toBeLessThan(150);
    expect(leftBelow()).toBe(0);
  });
});

describe('the process tree', () => {
  test('children that left the group and the tree end with a program that ended by itself', async () => {
    const pids = join(folder, 'pids');
    const result = await run(fixture('leaves-children', pids));
    expect(result.end).toEqual({ kind: 'exited', code: 0 });
    expect(result.survivors).toEqual([]);
    expect(livingOf(pids)).toEqual([]);
  });

  test('they end within the grace time of a cancel, although they ignore SIGTERM', async () => {
    const pids = join(folder, 'pids');
    const cancel = new AbortController();
    const result = await run(fixture('leaves-children', pids, 'hangs'), {
      signal: cancel.signal,
      onLine: () => cancel.abort(),
    });
    expect(result.end).toEqual({ kind: 'cancelled' });
    expect(livingOf(pids)).toEqual([]);
  });

  test('they end too when the program has deleted the folder that they work in', async () => {
    const worktree = join(folder, 'worktree');
    const pids = join(folder, 'pids');
    const script = `import('node:fs').then((fs) => fs.rmSync(${JSON.stringify(worktree)}, { recursive: true }))`;
    await run(['mkdir', worktree]);
    const argv = ['sh', '-c', '"$1" "$2" "$3" && "$1" -e "$4"', 'sh', ...fixture('leaves-children', pids), script];
    const result = await run(argv, { cwd: worktree });
    expect(result.end).toEqual({ kind: 'exited', code: 0 });
    expect(livingOf(pids)).toEqual([]);
  });

  test('a process that worked in the folder before the run is not part of it', async () => {
    const bystander = spawn('sleep', ['60'], { cwd: folder, stdio: 'ignore', detached: true });
    const id = identify(bystander.pid as number);
    await until(() => processesBelow(folder, listProcesses()).length === 1);
    await new Promise((resolve) => setTimeout(resolve, 20)); // start times count in hundredths of a second
    await run(fixture('says', '0'));
    expect(isAlive(id)).toBe(true);
    await endFamily({ leader: null, folder, graceMs: 0 });
    expect(await until(() => !isAlive(id))).toBe(true);
  });

  test('a worker that starts ends what works in a worktree although no journal names it', async () => {
    const worktree = join(folder, 'repositories/demo/worktrees/42');
    mkdirSync(worktree, { recursive: true });
    const stray = spawn('sleep', ['60'], { cwd: worktree, stdio: 'ignore', detached: true });
    const elsewhere = spawn('sleep', ['60'], { cwd: folder, stdio: 'ignore', detached: true });
    const ids = [identify(stray.pid as number), identify(elsewhere.pid as number)] as const;
    await until(() => processesBelow(worktree, listProcesses()).length === 1);
    expect(await endOrphans(folder)).toEqual({ runs: 0, survivors: [] });
    expect(await until(() => !isAlive(ids[0]))).toBe(true);
    expect(isAlive(ids[1])).toBe(true);
    elsewhere.kill('SIGKILL');
  });

  test('a family whose leader has another start time is left alone', async () => {
    const other = spawn('sleep', ['60'], { stdio: 'ignore', detached: true });
    const id = identify(other.pid as number);
    await endFamily({ leader: { ...id, started: id.started - 1 }, folder: null, graceMs: 0 });
    await endFamily({ leader: { ...id, boot: 'another boot' }, folder: null, graceMs: 0 });
    expect(isAlive(id)).toBe(true);
    await endFamily({ leader: id, folder: null, graceMs: 0 });
    expect(await until(() => !isAlive(id))).toBe(true);
  });
});

test.runIf(process.platform === 'linux')(
  'a process without file descriptors takes nobody for ended, nor leaves one',
  async () => {
    const modules = fileURLToPath(new URL('../../../activities', import.meta.url));
    const argv = [process.execPath, '--import', tsxLoader(), ...fixture('exhausted', modules).slice(1)];
    const lines: string[] = [];
    const limited = ['sh', '-c', 'ulimit -n 64; exec "$@"', 'sh', ...argv];
    const { end, stderr } = await run(limited, { onLine: (line, stream) => stream === 'stdout' && lines.push(line) });
    expect(end, stderr).toEqual({ kind: 'exited', code: 0 });
    expect(JSON.parse(lines.join(''))).toEqual(['EMFILE', 'EMFILE', 'EMFILE', [], false]);
  },
);
