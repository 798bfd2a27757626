import { describe, expect, test } from 'vitest';
import type { Settled } from '../../../../workflows/domain/batch/batch.ts';
import {
  decodeStandings,
  encodeStandings,
  isOpen,
  outcomeFor,
  satisfies,
  standingFor,
  type Standing,
} from '../../../../workflows/domain/batch/standing.ts';

/** Standing; its workflow is open; dependents start where nothing lands, where it lands; counts as. */
const standings: readonly [Standing, boolean, boolean, boolean, string][] = [
  ['queued', false, false, false, 'skipped'],
  ['running', true, false, false, 'skipped'],
  ['returning', true, false, false, 'skipped'],
  ['parked', true, false, false, 'skipped'],
  ['manual', true, false, false, 'needs-manual-review'],
  ['unanswered', false, false, false, 'needs-manual-review'],
  ['approved', false, true, false, 'approved'],
  ['landed', false, true, true, 'landed'],
  ['no-change', false, true, true, 'no-change'],
  ['skipped', false, true, true, 'skipped'],
  ['unmet', false, false, false, 'skipped'],
  ['review-failed', false, false, false, 'review-failed'],
  ['failed', false, false, false, 'failed'],
  ['cancelled', false, false, false, 'cancelled'],
];

test.each(standings)(
  '%s: open %s, enough %s, enough where it lands %s, counts as %s',
  (standing, open, none, lands, kind) => {
    expect(isOpen(standing)).toBe(open);
    expect(satisfies(standing, false)).toBe(none);
    expect(satisfies(standing, true)).toBe(lands);
    expect(outcomeFor(standing)).toBe(kind);
  },
);

test('standings are a character each, and come back as they were', () => {
  const all = standings.map(([standing]) => standing);
  const text = encodeStandings(all);
  expect(text).toHaveLength(all.length);
  expect(new Set(text.split('')).size).toBe(all.length);
  expect(decodeStandings(text)).toEqual(all);
  expect(decodeStandings('?')).toEqual(['queued']);
});

describe('what an issue tells', () => {
  const told = (kind: Settled['kind'], facts: Partial<Settled> = {}) =>
    standingFor({ key: 'a', kind, satisfies: true, sha: 'abc', pullRequest: 1, costUsd: 0, ...facts });

  test.each<[Settled['kind'], Standing]>([
    ['approved', 'approved'],
    ['landed', 'landed'],
    ['no-change', 'no-change'],
    ['review-failed', 'review-failed'],
    ['failed', 'failed'],
    ['cancelled', 'cancelled'],
    ['parked', 'parked'],
    ['manual', 'manual'],
    ['needs-manual-review', 'unanswered'],
  ])('as %s stands as %s', (kind, standing) => expect(told(kind)).toBe(standing));

  test('as skipped counts by what there is for dependents', () => {
    expect(told('skipped', { sha: null })).toBe('skipped');
    expect(told('skipped')).toBe('approved');
    expect(told('skipped', { satisfies: false })).toBe('unmet');
  });
});
