import { describe, expect, test } from 'vitest';
import {
  afterCi,
  ciPause,
  foldCi,
  letsLand,
  type CiCheck,
  type CiReading,
  type CiWait,
} from '../../../../workflows/domain/forge/ci.ts';
import { afterRedCi } from '../../../../workflows/domain/step.ts';

const head = 'a'.repeat(40);
const wait: CiWait = { head, waitedMs: 90_000, timeoutMs: 3_600_000, rerun: false, lands: true, armed: false };
const open = { state: 'open', head, mergeSha: null } as const;

function check(state: CiCheck['state'], more: Partial<CiCheck> = {}): CiCheck {
  return { name: 'build', source: 'check', state, required: null, url: null, job: null, ...more };
}

const reading = (checks: readonly CiCheck[], more: Partial<CiReading> = {}, complete = true): CiReading => ({
  ci: foldCi(head, checks, complete),
  pull: open,
  ...more,
});

describe('checks as one', () => {
  test.each([
    [[], 'none'],
    [['success'], 'success'],
    [['success', 'pending'], 'pending'],
    [['pending', 'failure', 'success'], 'failure'],
  ] as const)('%j are %s', (states, overall) => {
    expect(
      foldCi(
        head,
        states.map((state) => check(state)),
      ).overall,
    ).toBe(overall);
  });
});

describe('a look at CI', () => {
  test('green lets it land', () => {
    expect(afterCi(reading([check('success')]), wait)).toEqual({ kind: 'green' });
  });

  test('nothing registered counts after a minute, not before', () => {
    expect(afterCi(reading([]), { ...wait, waitedMs: 59_000 })).toEqual({ kind: 'wait' });
    expect(afterCi(reading([]), wait)).toEqual({ kind: 'green' });
  });

  test('red is started again once, then it is red', () => {
    const red = reading([check('failure'), check('success', { name: 'lint' })]);
    expect(afterCi(red, wait)).toEqual({ kind: 'rerun' });
    expect(afterCi(red, { ...wait, rerun: true })).toEqual({ kind: 'red', failed: ['build'] });
  });

  test('where certain checks are demanded, a red one that is not does not block', () => {
    const optional = check('failure', { name: 'optional', required: false });
    expect(afterCi(reading([check('success', { required: true }), optional]), wait)).toEqual({ kind: 'green' });
    // Nothing is demanded: every check counts.
    expect(afterCi(reading([check('success', { required: false }), optional]), wait)).toEqual({ kind: 'rerun' });
  });

  test.each(['failure', 'pending'] as const)('landing takes the same for green: not demanded, and %s', (state) => {
    const must = check('success', { name: 'must', required: true });
    const read = reading([must, check(state, { name: 'may', required: false })]);
    expect(afterCi(read, wait)).toEqual({ kind: 'green' });
    expect(letsLand(read.ci)).toBe(true);
    expect(letsLand(foldCi(head, [check(state, { name: 'must', required: true })]))).toBe(false);
    expect(letsLand(foldCi(head, [check('success'), check(state)]))).toBe(false);
  });

  test('pending is waited for until its time is over', () => {
    expect(afterCi(reading([check('pending')]), wait)).toEqual({ kind: 'wait' });
    expect(afterCi(reading([check('pending')]), { ...wait, waitedMs: 3_600_000 })).toEqual({
      kind: 'ask',
      reason: 'CI has not finished within 60 minutes',
    });
  });

  test('green that cannot be read whole merges nothing', () => {
    expect(afterCi(reading([check('success')], {}, false), wait)).toMatchObject({ kind: 'ask' });
    expect(afterCi(reading([check('success')], {}, false), { ...wait, lands: false })).toEqual({ kind: 'green' });
  });

  test('a merge by whomever is a landing, a close or a push is for a person', () => {
    const mergeSha = 'b'.repeat(40);
    const merged = { state: 'merged', head, mergeSha } as const;
    expect(afterCi(reading([check('failure')], { pull: merged }), wait)).toEqual({ kind: 'merged', sha: mergeSha });
    expect(afterCi(reading([], { pull: { ...open, state: 'closed' } }), wait)).toMatchObject({ kind: 'ask' });
    expect(afterCi(reading([], { pull: { ...open, head: mergeSha } }), wait)).toMatchObject({ kind: 'ask' });
  });

  test('where the forge merges on green, green is waited on', () => {
    const armed = { ...wait, armed: true };
    expect(afterCi(reading([check('success')]), armed)).toEqual({ kind: 'wait' });
    expect(afterCi(reading([check('success')]), { ...armed, waitedMs: 3_600_000 })).toMatchObject({ kind: 'ask' });
  });
});

test('looks begin 15 s apart and get no closer, nor further apart than 5 minutes', () => {
  const pauses = Array.from({ length: 30 }, (_, index) => ciPause(index + 1));
  expect(pauses[0]).toBe(15_000);
  expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
  expect(pauses.at(-1)).toBe(300_000);
});

test('a fix of red CI is granted its own review; after the last one a person is asked', () => {
  const document = { sha256: '0'.repeat(64), bytes: 1 };
  const red = { failed: ['build'], document };
  const counters = { rounds: 3, roundsAllowed: 3, checkFixes: 0, ciFixes: 1, continuations: 0, pushedBack: false };
  const granted = afterRedCi(red, counters, 2);
  expect(granted.step).toEqual({ kind: 'fix', ask: { kind: 'fix-checks', checks: document } });
  expect(granted.counters).toMatchObject({ ciFixes: 2, roundsAllowed: 4, rounds: 3 });
  expect(afterRedCi(red, granted.counters, 2).step).toMatchObject({
    kind: 'person',
    reason: 'CI still fails after 2 fixes: build',
  });
});
