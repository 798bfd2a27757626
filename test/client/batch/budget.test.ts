import { expect, test } from 'vitest';
import { parseBudget } from '../../../client/batch/budget.ts';

test('an amount that was not typed is left as it is; none lifts a limit', () => {
  expect(parseBudget({})).toEqual({});
  expect(parseBudget({ budget: '40' })).toEqual({ costUsd: 40 });
  expect(parseBudget({ budget: 'none', budgetTokens: '20000000' })).toEqual({ costUsd: null, tokens: 20_000_000 });
});

test.for(['0', '-1', '4e9', 'much', ''])('a budget of %j is refused with its flag and its mend', (budget) => {
  expect(() => parseBudget({ budget })).toThrow(/^--budget: .*\n {2}try: write for example `--budget 40`/);
  expect(() => parseBudget({ budgetTokens: budget })).toThrow(/^--budget-tokens: /);
});
