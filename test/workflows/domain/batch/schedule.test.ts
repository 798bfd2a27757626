import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  chainLengths,
  createSchedule,
  describeWaiting,
  overlaps,
  startOrder,
} from '../../../../workflows/domain/batch/schedule.ts';
import type { Standing } from '../../../../workflows/domain/batch/standing.ts';
import { priorities } from '../../../../workflows/domain/issue.ts';
import { planned } from '../../../support/workflow/memory-activities.ts';

describe('files', () => {
  test.each<[string, string, boolean]>([
    ['src/a.js', 'src/a.js', true],
    ['src/a.js', 'src/b.js', false],
    ['src/', 'src/deep/b.js', true],
    ['src', 'src/', true],
    ['src/a', 'src/abc', false],
    ['./src/a.js', '/src/a.js', true],
    ['src/**/*.js', 'src/deep/b.ts', true],
    ['src/*.js', 'docs/a.md', false],
    ['**/*.md', 'docs/a.md', true],
    ['src/{a,b}.js', 'src/c.js', true],
    ['', 'anything', true],
  ])('%j and %j overlap: %s', (one, other, expected) => {
    expect(overlaps([one], [other])).toBe(expected);
    expect(overlaps([other], [one])).toBe(expected);
  });

  test('that are not known overlap with nothing', () => {
    expect(overlaps([], ['src/'])).toBe(false);
  });
});

describe('the order of starts', () => {
  test('is priority, then the longest chain that hangs on an issue, then the plan', () => {
    const issues = [
      planned('a', { priority: 'low' }),
      planned('b'),
      planned('c'),
      planned('d', { priority: 'blocker' }),
    ];
    expect(startOrder(issues, [9, 1, 2, 1])).toEqual([3, 2, 1, 0]);
  });

  test('counts chains, the issue itself included, also 10,000 long ones', () => {
    // 0 <- 1 <- 3, 0 <- 2
    expect(chainLengths([[1, 2], [3], [], []])).toEqual([3, 2, 1, 1]);
    const long = Array.from({ length: 10_000 }, (_, index) => (index < 9_999 ? [index + 1] : []));
    expect(chainLengths(long)[0]).toBe(10_000);
  });
});

describe('a schedule', () => {
  test('says what a queued issue waits for', () => {
    const schedule = createSchedule(
      [
        planned('a', { files: ['x'] }),
        planned('b', { dependencies: ['a'] }),
        planned('c', { files: ['x'] }),
        planned('d'),
      ],
      { lands: false },
    );
    schedule.set(0, 'running');
    expect([1, 2, 3].map((index) => describeWaiting(schedule.waiting(index)))).toEqual([
      'waits for a (running)',
      'expected to touch the same files as a',
      'no slot is free',
    ]);
    schedule.set(0, 'manual');
    expect(describeWaiting(schedule.waiting(1))).toBe('waits for a (needs-manual-review)');
    schedule.set(0, 'unanswered');
    expect(describeWaiting(schedule.waiting(1))).toBe('waits for a (needs-manual-review)');
  });

  test('takes an approved dependency where nothing lands, and only a landed one where it does', () => {
    const issues = [planned('a'), planned('b', { dependencies: ['a'] })];
    const next = (lands: boolean, standing: Standing) => {
      const schedule = createSchedule(issues, { lands });
      schedule.set(0, standing);
      return schedule.next();
    };
    expect(next(false, 'approved')).toBe(1);
    expect(next(true, 'approved')).toBeUndefined();
    expect(next(true, 'landed')).toBe(1);
    for (const standing of ['no-change', 'skipped'] as const) expect(next(true, standing)).toBe(1);
    for (const standing of ['unmet', 'failed', 'review-failed', 'cancelled', 'manual', 'unanswered'] as const)
      expect(next(false, standing), standing).toBeUndefined();
  });

  test('who waits for its CI keeps its files, since its work is not on the base yet', () => {
    const issues = [planned('a', { files: ['x'] }), planned('b', { files: ['x'] })];
    const nextBeside = (parkedKeepsFiles: boolean) => {
      const schedule = createSchedule(issues, { lands: true, parkedKeepsFiles });
      schedule.set(0, 'parked');
      return schedule.next();
    };
    expect(nextBeside(true)).toBeUndefined();
    expect(nextBeside(false)).toBe(1);
  });

  test('gives a slot back in the order of starts, and never beside what touches the same files', () => {
    const schedule = createSchedule(
      [
        planned('a', { files: ['x'] }),
        planned('b', { files: ['x'] }),
        planned('c', { priority: 'high', files: ['y'] }),
      ],
      { lands: false, standings: ['returning', 'running', 'returning'] },
    );
    expect(schedule.nextReturning()).toBe(2);
    schedule.set(2, 'running');
    expect(schedule.nextReturning()).toBeUndefined();
    schedule.set(1, 'approved');
    expect(schedule.nextReturning()).toBe(0);
  });

  test('leaves out what it has already, and knows dependencies in both directions across additions', () => {
    const schedule = createSchedule([planned('a')], { lands: false });
    expect(schedule.add([planned('a'), planned('b', { dependencies: ['a', 'c', 'a'] }), planned('c')])).toEqual([1, 2]);
    expect(schedule.dependencies(1)).toEqual([0, 2]);
    expect(schedule.dependents(2)).toEqual([1]);
    expect(schedule.index('c')).toBe(2);
    expect(schedule.index('nobody')).toBeUndefined();
  });

  test('starts a released issue in spite of its dependencies', () => {
    const schedule = createSchedule([planned('a'), planned('b', { dependencies: ['a'] })], { lands: false });
    schedule.set(0, 'failed');
    expect(schedule.next()).toBeUndefined();
    schedule.release(1);
    expect(schedule.released()).toEqual([1]);
    expect(schedule.next()).toBe(1);
  });

  test('played through, starts each issue once, after its dependencies, never two on the same files', () => {
    const plans = fc.array(
      fc.record({
        dependencies: fc.array(fc.nat(30), { maxLength: 3 }),
        files: fc.array(fc.constantFrom('a', 'b', 'c/'), { maxLength: 2 }),
        priority: fc.constantFrom(...priorities),
      }),
      { minLength: 1, maxLength: 30 },
    );
    fc.assert(
      fc.property(plans, fc.nat(), fc.integer({ min: 1, max: 4 }), (facts, seed, width) => {
        const issues = facts.map(({ dependencies, ...rest }, index) =>
          // Only earlier ones: what the door lets in has no cycle.
          planned(`i${index}`, {
            ...rest,
            dependencies: dependencies.filter((at) => at < index).map((at) => `i${at}`),
          }),
        );
        const schedule = createSchedule(issues, { lands: false });
        const started: number[] = [];
        const running: number[] = [];
        for (let turn = seed; started.length < issues.length || running.length > 0; turn++) {
          for (let next = schedule.next(); next !== undefined && running.length < width; next = schedule.next()) {
            for (const other of running) expect(overlaps(issues[next]!.files, issues[other]!.files)).toBe(false);
            for (const each of schedule.dependencies(next)) expect(schedule.standing(each)).toBe('approved');
            schedule.set(next, 'running');
            started.push(next);
            running.push(next);
          }
          // Something always runs: nothing that has no cycle can get stuck.
          const [ended] = running.splice(turn % running.length, 1);
          schedule.set(ended!, 'approved');
        }
        expect(new Set(started).size).toBe(issues.length);
      }),
      { numRuns: 200 },
    );
  });
});
