import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, test } from 'vitest';
import { createChecksActivities } from '../../activities/checks.ts';
import { listProcesses, processesBelow } from '../../activities/process/table.ts';
import { runSetup } from '../../activities/worktree/setup.ts';
import type { AttemptHeartbeat, ChecksDocument, ChecksInput, ChecksResult } from '../../workflows/domain/attempt.ts';
import type { Check } from '../../workflows/domain/settings.ts';
import { fixture, livingOf, until } from '../support/processes.ts';
import type { Ground } from '../support/attempt/attempt-ground.ts';
import { groundWith, log, quiet } from '../support/attempt/attempts.ts';

const groundChecking = (checks: readonly Check[]) => groundWith({ checks });

function start(ground: Ground) {
  const { issue, branch, base, head } = ground.input();
  const input: ChecksInput = { version: 1, issue, branch, base, head, attempt: 1 };
  const { repositories } = ground;
  const { runChecks } = createChecksActivities({ repositories, host: 'here', log });
  const environment = new MockActivityEnvironment({}, { logger: quiet });
  const beats: AttemptHeartbeat[] = [];
  environment.on('heartbeat', (details: AttemptHeartbeat) => beats.push(details));
  return { environment, beats, done: environment.run<[ChecksInput], ChecksResult, typeof runChecks>(runChecks, input) };
}

const timeoutMs = 20_000;

describe('checks', () => {
  test('all run, an array as it stands and a string by a shell, and their outputs are kept', async () => {
    const ground = await groundChecking([
      { name: 'array', run: ['echo', '$HOME', '*'], timeoutMs },
      { name: 'shell', run: 'echo one && echo two >&2 && exit 3', timeoutMs },
      { name: 'missing', run: ['no-such-check'], timeoutMs },
      { name: 'after', run: ['cat', 'greeting.txt'], timeoutMs },
    ]);
    const { beats, done } = start(ground);
    const result = await done;
    expect(result.passed).toBe(false);
    expect(result.checks.map(({ name, passed }) => [name, passed])).toEqual([
      ['array', true],
      ['shell', false],
      ['missing', false],
      ['after', true],
    ]);
    const document = await ground.repository.artifacts.get<ChecksDocument>(result.document);
    expect(document).toMatchObject({ version: 1, head: ground.input().head });
    expect(document.checks.map(({ exitCode }) => exitCode)).toEqual([0, 3, null, 0]);
    const outputs = document.checks.map(({ output }) => output);
    expect(outputs[0]).toBe('$HOME *\n');
    expect(outputs[1]?.split('\n').toSorted((a, b) => a.localeCompare(b))).toEqual(['', 'one', 'two']);
    expect(outputs[2]).toBe('millrace: it did not start: no program no-such-check on PATH\n');
    expect(outputs[3]).toBe('hi\n');
    expect(beats.map(({ phase }) => phase)).toEqual(['preparing', 'checking', 'checking', 'checking', 'checking']);
  });

  test('that pass are passed, and what they change in the worktree is left alone', async () => {
    const ground = await groundChecking([{ name: 'format', run: 'echo formatted > greeting.txt', timeoutMs }]);
    expect((await start(ground).done).passed).toBe(true);
    expect(readFileSync(join(ground.repository.layout.worktree('42'), 'greeting.txt'), 'utf8')).toBe('formatted\n');
  });

  test('that take too long or print too much are ended, with what they started, and say so', async () => {
    const ground = await groundChecking([
      { name: 'slow', run: fixture('hangs'), timeoutMs: 500 },
      { name: 'loud', run: fixture('floods'), timeoutMs },
    ]);
    const result = await start(ground).done;
    const { checks } = await ground.repository.artifacts.get<ChecksDocument>(result.document);
    expect(checks.map(({ passed, exitCode }) => [passed, exitCode])).toEqual([
      [false, null],
      [false, null],
    ]);
    expect(checks[0]?.output).toBe('started\nmillrace: it was ended after its limit of 1 s\n');
    expect(checks[1]?.output.length).toBeLessThan(17 * 1024);
    expect(checks[1]?.output).toContain('more than 64 MB');
  });

  test('that leave servers behind are ended with them', async () => {
    const pids = join((await groundWith()).root, 'pids');
    const ground = await groundChecking([{ name: 'server', run: fixture('leaves-children', pids), timeoutMs }]);
    expect((await start(ground).done).passed).toBe(true);
    expect(livingOf(pids)).toEqual([]);
  });

  test('end with a cancel, and throw its reason', async () => {
    const pids = join((await groundWith()).root, 'pids');
    const ground = await groundChecking([{ name: 'slow', run: fixture('leaves-children', pids, 'hangs'), timeoutMs }]);
    const { environment, done } = start(ground);
    const ended = expect(done).rejects.toBeInstanceOf(CancelledFailure);
    await until(() => existsSync(pids) && livingOf(pids).length === 3);
    environment.cancel();
    await ended;
    expect(livingOf(pids)).toEqual([]);
  });
});

describe('set-up', () => {
  const signal = new AbortController().signal;

  test('runs its commands in order in the worktree', async () => {
    const { root } = await groundWith();
    await runSetup({ commands: [['mkdir', 'deps'], 'echo ready > deps/state'], worktree: root, signal });
    expect(readFileSync(join(root, 'deps/state'), 'utf8')).toBe('ready\n');
  });

  test('that fails names the command and the end of its output, and runs nothing after it', async () => {
    const { root } = await groundWith();
    const commands = ['echo no network >&2; exit 7', 'touch after'];
    const error: unknown = await runSetup({ commands, worktree: root, signal }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ApplicationFailure);
    expect(error).toMatchObject({ type: 'SetupFailed', nonRetryable: true });
    expect((error as Error).message).toContain('`echo no network >&2; exit 7` failed with exit code 7');
    expect((error as Error).message).toContain('\nno network');
    expect(existsSync(join(root, 'after'))).toBe(false);
  });

  test('that is cancelled throws the reason', async () => {
    const { root } = await groundWith();
    const cancel = new AbortController();
    const reason = new Error('stopped');
    const done = runSetup({ commands: [['sleep', '60']], worktree: root, signal: cancel.signal });
    const ended = expect(done).rejects.toBe(reason);
    writeFileSync(join(root, 'file'), '');
    await until(() => processesBelow(root, listProcesses()).length > 0);
    cancel.abort(reason);
    await ended;
  });
});
