import { expect, test } from 'vitest';
import {
  budgetReason,
  dollarsLeft,
  laterUsage,
  spendingWarning,
  spentBudget,
  usageWords,
  type Allowance,
} from '../../../../workflows/domain/batch/budget.ts';

const used = (costUsd: number, tokens = 0) => ({ inputTokens: tokens, outputTokens: 0, cachedTokens: 0, costUsd });
const allowance = (of: Allowance['of'], limit: number | null, spent: number): Allowance => ({
  of,
  budget: { costUsd: limit, tokens: null },
  used: used(spent),
});
const tokens = (limit: number, spent: number): Allowance => ({
  of: 'issue',
  budget: { costUsd: null, tokens: limit },
  used: used(0, spent),
});

test('the first budget that is used up is told, in money or in tokens', () => {
  expect(spentBudget([allowance('attempt', 2, 1.99), allowance('issue', null, 50)])).toBeNull();
  expect(spentBudget([allowance('attempt', 2, 2), allowance('batch', 1, 5)])).toEqual({
    of: 'attempt',
    what: 'cost',
    reason: "the attempt's budget of $2 is spent ($2)",
  });
  expect(spentBudget([tokens(1000, 1200)])).toEqual({
    of: 'issue',
    what: 'tokens',
    reason: "the issue's budget of 1000 tokens is spent (1200)",
  });
});

test('from four fifths on an agent is told, of the budget that is nearest to its end', () => {
  expect(spendingWarning([allowance('issue', 5, 3.9), allowance('batch', null, 900)])).toBeNull();
  expect(spendingWarning([allowance('issue', 5, 4), tokens(1000, 950)])).toBe(
    "95 % of the issue's budget of 1000 tokens is used up",
  );
});

test('what is left is what the tightest budget leaves', () => {
  expect(dollarsLeft([tokens(10, 5)])).toBeNull();
  expect(dollarsLeft([allowance('issue', 5, 4), allowance('night', 50, 10)])).toBe(1);
  expect(dollarsLeft([allowance('issue', 5, 8)])).toBe(0);
});

test('a person reads what to type where resuming alone would not help', () => {
  const [issue, batch] = (['issue', 'batch'] as const).map((of) => spentBudget([allowance(of, 1, 1)])!.reason);
  expect(budgetReason(issue!, 'b1')).toBe(issue);
  expect(budgetReason(batch!, 'b1')).toMatch(/: raise it with millrace steer b1 --budget, then resume$/);
});

test('a usage is said as budgets count it, cached tokens too', () => {
  expect(usageWords({ inputTokens: 1_000, outputTokens: 234, cachedTokens: 5_000_000, costUsd: 12.345 })).toBe(
    '$12.35, 5,001,234 tokens',
  );
  expect(usageWords(used(0, 999))).toBe('$0.00, 999 tokens');
});

test.each([
  ['only cached tokens grew', { ...used(1, 10), cachedTokens: 5 }, used(1, 10)],
  ['only the cost grew', used(1.5, 10), used(1, 10)],
  ['all grew', used(2, 20), used(1, 10)],
])('the later word about an attempt: %s', (_, later, earlier) => {
  expect([laterUsage(later, earlier), laterUsage(earlier, later)]).toEqual([later, later]);
});
