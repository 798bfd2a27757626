import { once } from 'node:events';
import { fork, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { ProgramSpec } from '../../activities/process/program.ts';
import { tsxLoader } from '../../client/session/worker-process.ts';
import { createLauncher } from '../../worker/launcher.ts';

const run = createLauncher();
const spec = (script: string, change: Partial<ProgramSpec> = {}): ProgramSpec => ({
  file: 'sh',
  args: ['-c', script],
  cwd: '/',
  env: { PATH: process.env['PATH'] ?? '' },
  input: '',
  encoding: 'utf8',
  timeoutMs: 30_000,
  maxBytes: 1024 * 1024,
  ...change,
});

describe('programs that a launcher starts', () => {
  it('hand over input, output and exit code, bytes as bytes', async () => {
    const input = Buffer.from([0x61, 0xff, 0x00, 0x0a]);
    const answer = await run(spec('cat; echo no >&2; exit 3', { input, encoding: 'latin1' }));
    expect(answer).toEqual({ exitCode: 3, stdout: 'a\u00ff\0\n', stderr: 'no\n', problem: null });
  });

  it('run side by side', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => run(spec(`echo ${index}`))));
    expect(answers.map(({ stdout }) => Number(stdout))).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });

  it.each([
    ['prints too much', spec('yes'), /more than 1 MB/],
    ['takes too long', spec('sleep 60', { timeoutMs: 200 }), /timed out after 200 ms/],
    ['is not there', spec('', { file: 'no-such-program' }), /ENOENT/],
    ['cannot be started', spec('', { args: ['a\0b'] }), /null bytes/],
    ['was killed', spec('kill -KILL $$'), /SIGKILL/],
  ])('a program that %s is an answer', async (_what, each, problem) => {
    const answer = await run(each);
    expect(answer.exitCode).toBeNull();
    expect(answer.problem).toMatch(problem);
  });

  it('a launcher that dies is a failed program, and the next one runs', async () => {
    const lost = run(spec('kill -KILL $PPID; sleep 60'));
    expect((await lost).problem).toMatch(/is gone/);
    expect((await run(spec('echo on'))).stdout).toBe('on\n');
  });
});

describe('a launcher whose worker was killed', () => {
  let worker: ChildProcess | undefined;
  afterAll(() => worker?.kill('SIGKILL'));

  it('ends, and what it had started ends with it', async () => {
    const fixture = fileURLToPath(new URL('../support/launching.ts', import.meta.url));
    worker = fork(fixture, [], { execArgv: ['--import', tsxLoader()] });
    const [pids] = (await once(worker, 'message')) as [{ readonly launcher: number; readonly program: number }];
    worker.kill('SIGKILL');
    const deadline = performance.now() + 20_000;
    const living = () => [pids.launcher, pids.program].filter(isAlive);
    while (living().length > 0 && performance.now() < deadline) await sleep(50);
    expect(living()).toEqual([]);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !/\) [ZX] /.test(readStat(pid)); // one that nobody waited for has ended all the same
}

function readStat(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return '';
  }
}
