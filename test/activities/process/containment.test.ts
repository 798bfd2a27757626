import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { containedBy, hasPidNamespaces } from '../../../activities/process/containment.ts';
import type { OutputStream } from '../../../activities/process/output.ts';
import { runProcess, type ProcessSpec } from '../../../activities/process/process.ts';
import { until } from '../../support/processes.ts';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-contained-')));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const env = { PATH: process.env['PATH'] ?? '' };

function run(script: string, options: Partial<ProcessSpec> = {}) {
  const argv = ['sh', '-c', script];
  return runProcess({
    argv,
    cwd: folder,
    env,
    wallMs: 20_000,
    graceMs: 5_000,
    containment: 'pid-namespace',
    ...options,
  });
}

/** Seconds that no other sleep of this machine is asked for. */
const nap = () => String(100_000 + Math.floor(Math.random() * 800_000));

/** Whether a program with this argument still runs: pids of a namespace are not those of the host. */
function sleeps(seconds: string): boolean {
  return readdirSync('/proc').some((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[1] === seconds;
    } catch {
      return false;
    }
  });
}

/** A daemon that has left the group, the session, the tree and the folder: nothing that is looked for finds it. */
const daemon = (seconds: string) => `(cd / && setsid sh -c 'setsid sleep ${seconds} >/dev/null 2>&1 &') ; echo ready`;

test('a program that cannot be started is left to fail by its own name', () => {
  const program = { argv: ['no-such-program'], cwd: '/', env };
  expect(containedBy('pid-namespace', program)).toBeNull();
  expect(containedBy('sweep', { ...program, argv: ['sh'] })).toBeNull();
});

describe.skipIf(!hasPidNamespaces())('a pid namespace', () => {
  test('keeps output, exit code and working folder of a program as they are', async () => {
    const lines: string[] = [];
    const result = await run('pwd; echo no >&2; exit 7', { onLine: (line) => lines.push(line) });
    expect(result).toMatchObject({ end: { kind: 'exited', code: 7 }, stderr: 'no\n', survivors: [] });
    expect(lines).toContain(folder);
  });

  test('ends a daemon that has left everything with the program that started it', async () => {
    const seconds = nap();
    const result = await run(`${daemon(seconds)}; sleep 0.2`);
    expect(result.end).toEqual({ kind: 'exited', code: 0 });
    expect(await until(() => !sleeps(seconds))).toBe(true);
  });

  test('lets a program that is cancelled say its last words, and ends it after the grace time', async () => {
    const cancel = new AbortController();
    const lines: string[] = [];
    const onLine = (line: string, stream: OutputStream): void => {
      if (stream === 'stdout') lines.push(line);
      if (line === 'ready') cancel.abort();
    };
    const polite = 'trap "echo bye; exit 0" TERM; echo ready; while :; do sleep 0.1; done';
    const result = await run(polite, { signal: cancel.signal, onLine });
    expect(result.end).toEqual({ kind: 'cancelled' });
    expect(lines).toEqual(['ready', 'bye']);

    const deaf = new AbortController();
    const seconds = nap();
    const killed = await run(`trap "" TERM; ${daemon(seconds)}; sleep ${seconds}`, {
      graceMs: 200,
      signal: deaf.signal,
      onLine: () => deaf.abort(),
    });
    expect(killed).toMatchObject({ end: { kind: 'cancelled' }, survivors: [] });
    expect(await until(() => !sleeps(seconds))).toBe(true);
  });

  test('dies with its worker, at once', async () => {
    const seconds = nap();
    const worker = fileURLToPath(new URL('../../support/attempt/contained-worker.ts', import.meta.url));
    const argv = ['--import', 'tsx', worker, folder, 'sh', '-c', `${daemon(seconds)}; sleep ${seconds}`];
    const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    await once(child.stdout, 'data');
    expect(await until(() => sleeps(seconds))).toBe(true);
    child.kill('SIGKILL');
    await ended;
    expect(await until(() => !sleeps(seconds))).toBe(true);
  });
});
