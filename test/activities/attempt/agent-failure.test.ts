import { describe, expect, test } from 'vitest';
import type { AttemptLeftover } from '../../../workflows/domain/attempt.ts';
import { failureOf, groundFor, notesOf, run, works } from '../../support/attempt/attempts.ts';
import type { GroundOptions } from '../../support/attempt/attempt-ground.ts';

describe('failures', () => {
  test('a crash keeps the commits and tells of them', async () => {
    const { ground } = await works('commit-and-fail');
    const failure = await failureOf(run(ground));
    expect(failure).toMatchObject({ type: 'AgentCrashed', nonRetryable: false });
    expect(failure.message).toContain('exited with 1 without a result: out of luck');
    const leftover = failure.details?.[0] as AttemptLeftover;
    expect(leftover).toMatchObject({
      changed: true,
      ref: 'refs/millrace/42/1',
      session: 'session-1',
      usage: { costUsd: 0.25 },
    });
    expect(await ground.kept('show', `${leftover.head}:greeting.txt`)).toBe('hi\nhello');
  });

  test('the third crash of an attempt is final, and what it used is added up', async () => {
    const { ground } = await works('commit-and-fail');
    const failures = [await failureOf(run(ground)), await failureOf(run(ground)), await failureOf(run(ground))];
    expect(failures.map((each) => each.nonRetryable)).toEqual([false, false, true]);
    expect(failures[2]).toMatchObject({ details: [{ usage: { costUsd: 0.75 } }] });
  });

  test('after a crash the same session is resumed', async () => {
    const { ground, notes } = await works('crash-once');
    await failureOf(run(ground));
    expect(await run(ground)).toMatchObject({ end: { kind: 'worked', claim: 'completed' }, usage: { costUsd: 0.5 } });
    const told = notesOf(notes).map(({ env, context }) => [
      env['MILLRACE_SESSION'],
      env['MILLRACE_ATTEMPT'],
      context['resumed'],
    ]);
    expect(told).toEqual([
      ['session-1', '1', false],
      ['session-1', '1', true],
    ]);
  });

  test('silence is a stall', async () => {
    const ground = await groundFor('hangs', [], { limits: { idleMs: 500 } });
    const failure = await failureOf(run(ground));
    expect(failure).toMatchObject({ type: 'AgentStalled', details: [{ changed: false, session: 'session-1' }] });
  });

  test.each<[string, GroundOptions, RegExp]>([
    [
      'a program that does not exist',
      { run: ['no-such-agent'] },
      /no program no-such-agent on PATH of the worker.*Ctrl-C and type `millrace up` in a shell that has the program/,
    ],
    [
      'an agent that is not installed',
      { agent: 'codex', run: ['/nowhere/codex'] },
      /did not start: .*\/nowhere\/codex/,
    ],
  ])('%s is unavailable, and not tried again', async (_name, options, message) => {
    const ground = await groundFor('says', ['0'], options);
    const failure = await failureOf(run(ground));
    expect(failure).toMatchObject({ type: 'AgentUnavailable', nonRetryable: true });
    expect(failure.message).toMatch(message);
  });

  test('a key that is no key never becomes a path', async () => {
    const ground = await groundFor('says', ['0']);
    const input = ground.input();
    await expect(run(ground, { ...input, issue: { ...input.issue, key: '../../x' } })).rejects.toThrow('not a key');
  });
});
