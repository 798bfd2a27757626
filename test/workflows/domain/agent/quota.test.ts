import { expect, test } from 'vitest';
import { quotaWait } from '../../../../workflows/domain/agent/quota.ts';

const now = 1_000_000_000;
const minute = 60_000;
const wait = (resetsIn: number | null, nth = 1, random = 0) =>
  quotaWait({ resetsAt: resetsIn === null ? null : now + resetsIn, nth, now, random });

test.each<[string, number | null, number, number]>([
  ['the reported reset is waited for', 2 * 60 * minute, 1, 2 * 60 * minute],
  ['without one it is looked at after a minute', null, 1, minute],
  ['then twice as long each time', null, 4, 8 * minute],
  ['and every half hour at last', null, 40, 30 * minute],
  ['a reset in the past is tried at once, the first time', -minute, 1, 0],
  ['the second time in a row it waits half a minute', -minute, 2, 30_000],
  ['and a minute after that, doubled each time', -minute, 4, 2 * minute],
  ['up to half an hour', -minute, 40, 30 * minute],
  ['a later reset counts more than the floor', 60 * minute, 3, 60 * minute],
  ['a wrong clock costs a day at most', 90 * 24 * 60 * minute, 1, 24 * 60 * minute],
])('%s', (_fact, resetsIn, nth, expected) => expect(wait(resetsIn, nth)).toBe(expected));

test('agents of one account are spread over half a minute, and a short wait is at most doubled', () => {
  expect(wait(60 * minute, 1, 0.5)).toBe(60 * minute + 15_000);
  expect(wait(1_000, 1, 0.99)).toBe(2_000);
});
