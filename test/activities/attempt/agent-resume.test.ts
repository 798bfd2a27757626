import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, test } from 'vitest';
import { createAgentActivities } from '../../../activities/agent.ts';
import { attemptFiles, openJournal, readJournal } from '../../../activities/attempt/journal.ts';
import { endOrphans } from '../../../activities/attempt/orphans.ts';
import { readProcess } from '../../../activities/process/table.ts';
import { createSlots } from '../../../activities/host/slots.ts';
import type { AttemptHeartbeat, AttemptInput, AttemptResult } from '../../../workflows/domain/attempt.ts';
import { log, notesOf, quiet, run, start, works } from '../../support/attempt/attempts.ts';
import { until } from '../../support/processes.ts';
import type { Ground } from '../../support/attempt/attempt-ground.ts';

describe('an attempt that is interrupted', () => {
  test('by a cancel ends its children, keeps its work, and throws the reason of the cancel', async () => {
    const { ground } = await works('hang-once');
    const { environment, beats, done } = start(ground, ground.input());
    await until(
      () => beats.some((beat) => beat.phase === 'running') && existsSync(ground.repository.layout.worktree('42')),
    );
    const changed = join(ground.repository.layout.worktree('42'), 'greeting.txt');
    await until(() => readFileSync(changed, 'utf8').includes('hello'));
    environment.cancel();
    await expect(done).rejects.toBeInstanceOf(CancelledFailure); // by itself it never ends
    expect(await ground.kept('show', 'refs/millrace/42/1:greeting.txt')).toBe('hi\nhello');
  });

  test('by a cancel while it waits for a slot never starts', async () => {
    const { ground, notes } = await works('ok');
    const slots = createSlots(1);
    const { repositories } = ground;
    const { runAgent } = createAgentActivities({
      repositories,
      slots,
      host: 'here',
      log,
    });
    let free: () => void = () => {};
    const holder = slots.hold(
      'first-step',
      new AbortController().signal,
      () => new Promise<void>((resolve) => (free = resolve)),
    );
    const environment = new MockActivityEnvironment({}, { logger: quiet });
    const done = environment.run<[AttemptInput], AttemptResult, typeof runAgent>(runAgent, ground.input());
    const ended = expect(done).rejects.toBeInstanceOf(CancelledFailure);
    environment.cancel();
    await ended;
    free();
    await holder;
    expect(existsSync(notes)).toBe(false);
  });

  test('by a shutdown is resumed in the same session', async () => {
    const { ground, notes } = await works('hang-once');
    const first = start(ground, ground.input());
    await until(() => notesOf(notes).length === 1);
    first.environment.cancel('WORKER_SHUTDOWN');
    await expect(first.done).rejects.toBeInstanceOf(CancelledFailure);
    const result = await run(ground);
    expect(result.end).toEqual({ kind: 'worked', claim: 'completed' });
    const told = notesOf(notes);
    expect(told.map(({ env }) => env['MILLRACE_SESSION'])).toEqual(['session-1', 'session-1']);
    expect(told.map(({ context }) => context['resumed'])).toEqual([false, true]);
  });

  test('and had ended returns its result without running anything', async () => {
    const { ground, notes } = await works('ok');
    const first = await run(ground);
    expect(await run(ground)).toEqual(first);
    expect(notesOf(notes)).toHaveLength(1);
  });

  test('after its agent had ended only saves the work', async () => {
    const { ground, notes } = await works('ok');
    const inTheWay = join(ground.repository.layout.mirror, 'refs/millrace/42');
    writeFileSync(inTheWay, '');
    await expect(run(ground)).rejects.toThrow(/refs\/millrace\/42/);
    expect(notesOf(notes)).toHaveLength(1);
    rmSync(inTheWay);
    const result = await run(ground);
    expect(result).toMatchObject({
      end: { kind: 'worked', claim: 'completed' },
      changed: true,
      usage: { costUsd: 0.25 },
    });
    expect(notesOf(notes)).toHaveLength(1);
  });

  test('before anybody wrote down that its agent was started resumes it all the same', async () => {
    const { ground, notes } = await works('ok');
    const { issue, attempt } = ground.input();
    const journal = await openJournal(ground.repository.layout.attempt(issue.key, attempt), ground.input());
    await journal.update({ begun: true });
    await run(ground);
    expect(notesOf(notes).map(({ context }) => context['resumed'])).toEqual([true]);
  });

  test('under a number that another session used does not take over its result', async () => {
    const { ground, notes } = await works('ok');
    await run(ground);
    const result = await run(ground, ground.input({ session: { id: 'session-2', resumed: false } }));
    expect(result.session).toBe('session-2');
    expect(notesOf(notes)).toHaveLength(2);
  });
});

describe('a worker that is killed', () => {
  /** A process of its own that runs the attempt, so that it can be killed as a worker is. */
  async function killedWorker(ground: Ground, notes: string): Promise<number> {
    const spec = join(ground.root, 'worker.json');
    writeFileSync(
      spec,
      JSON.stringify({
        state: ground.state,
        input: ground.input(),
      }),
    );
    const program = fileURLToPath(new URL('../../support/attempt/attempt-worker.ts', import.meta.url));
    const worker = spawn(process.execPath, ['--import', 'tsx', program, spec], { stdio: 'inherit' });
    const exit = new Promise((resolve) => worker.once('exit', resolve));
    const began = await until(() => notesOf(notes).length === 1, 20_000);
    worker.kill('SIGKILL');
    await exit;
    expect(began).toBe(true);
    return notesOf(notes)[0]?.pid as number;
  }

  test('leaves an agent that the retry ends before it resumes the same session', async () => {
    const { ground, notes } = await works('hang-once');
    const orphan = await killedWorker(ground, notes);
    expect(readProcess(orphan)).not.toBeNull();
    const usage = { inputTokens: 10, outputTokens: 2, cachedTokens: 1, costUsd: 0.25 };
    const beat: AttemptHeartbeat = {
      host: 'here',
      session: 'session-1',
      phase: 'running',
      lastLine: '',
      bytes: 9,
      usage,
    };
    const result = await start(ground, ground.input(), { heartbeatDetails: beat }).done;
    expect(readProcess(orphan)).toBeNull();
    expect(result).toMatchObject({
      end: { kind: 'worked', claim: 'completed' },
      usage: { costUsd: 0.5, inputTokens: 20 },
    });
    const told = notesOf(notes);
    expect(told.map(({ env }) => [env['MILLRACE_SESSION'], env['MILLRACE_ATTEMPT']])).toEqual([
      ['session-1', '1'],
      ['session-1', '1'],
    ]);
    expect(told.map(({ context }) => context['resumed'])).toEqual([false, true]);
  });

  test('leaves an agent that the next worker ends at its start', async () => {
    const { ground, notes } = await works('hang-once');
    const orphan = await killedWorker(ground, notes);
    expect(await endOrphans(ground.state)).toEqual({ runs: 1, survivors: [] });
    expect(readProcess(orphan)).toBeNull();
    const journal = await readJournal(attemptFiles(ground.repository.layout.attempt('42', 1)).journal);
    expect(journal?.runs).toMatchObject([{ process: { pid: orphan }, end: null }]);
  });
});
