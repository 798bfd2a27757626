import { expect, test } from 'vitest';
import { createIssueLimit, type Offered } from '../../../../workflows/domain/plan/limit.ts';

const issue = (number: number, facts: Partial<Offered> = {}): Offered => ({
  number,
  skip: null,
  blockers: [],
  ...facts,
});

test('places go to issues in order until none is left', () => {
  const limit = createIssueLimit(2, []);
  [1, 2, 3].forEach((number) => limit.offer(issue(number)));
  expect(limit.left()).toBe(0);
  expect([1, 2].map((number) => limit.reasonFor(number))).toEqual([null, null]);
  expect(limit.reasonFor(3)).toMatch('the limit was reached before its turn');
});

test('an issue gets its place once its blocker has one', () => {
  const limit = createIssueLimit(2, []);
  limit.offer(issue(1, { blockers: [2] }));
  expect(limit.left()).toBe(2);
  limit.offer(issue(2));
  expect(limit.left()).toBe(0);
  expect(limit.reasonFor(1)).toBeNull();
});

test('an issue whose blocker was left out has no place, and says which', () => {
  const limit = createIssueLimit(1, []);
  limit.offer(issue(1, { blockers: [9] }));
  expect(limit.left()).toBe(1);
  expect(limit.reasonFor(1)).toBe('it waits for #9, which the limit left out');
});

test('what is done, or has its place already, blocks nobody', () => {
  const limit = createIssueLimit(3, [7]);
  limit.offer(issue(1, { blockers: [7] }));
  limit.offer(issue(2, { skip: { reason: 'it is closed', satisfies: true } }));
  limit.offer(issue(3, { blockers: [2] }));
  expect(limit.left()).toBe(1);
});

test('a skipped issue needs no place, and frees nobody where it is not done', () => {
  const limit = createIssueLimit(2, []);
  limit.offer(issue(1, { skip: { reason: 'it has the label wontfix', satisfies: false } }));
  limit.offer(issue(2, { blockers: [1] }));
  expect(limit.left()).toBe(2);
  expect(limit.reasonFor(1)).toBeNull();
  expect(limit.reasonFor(2)).toBeNull(); // its blocker says why
});

test('without a limit there is always a place', () => {
  const limit = createIssueLimit(null, []);
  limit.offer(issue(1));
  expect(limit.left()).toBe(Number.POSITIVE_INFINITY);
});
