import type { Usage } from './attempt.ts';
import type { Budget } from './settings.ts';

/** What a budget is for. */
export type BudgetOf = 'attempt' | 'issue' | 'batch' | 'night';

/** A budget and what is used of it, what runs now included. */
export interface Allowance {
  readonly of: BudgetOf;
  readonly budget: Budget;
  readonly used: Usage;
}

/** A budget that is used up. */
export interface SpentBudget {
  readonly of: BudgetOf;
  readonly what: 'cost' | 'tokens';
  /** For people: whose budget, how much of it. */
  readonly reason: string;
}

/** Part of a budget from which an agent is told to come to an end. */
const WARNING = 0.8;

/** All tokens that count towards a budget: cached ones, too, since providers count them towards a window. */
export function tokensOf({ inputTokens, outputTokens, cachedTokens }: Usage): number {
  return inputTokens + outputTokens + cachedTokens;
}

/** The first budget that is used up; null: none is. */
export function spentBudget(allowances: readonly Allowance[]): SpentBudget | null {
  for (const { of, budget, used } of allowances) {
    if (budget.costUsd !== null && used.costUsd >= budget.costUsd) {
      return {
        of,
        what: 'cost',
        reason: `${whose[of]} budget of ${dollars(budget.costUsd)} is spent (${dollars(used.costUsd)})`,
      };
    }
    if (budget.tokens !== null && tokensOf(used) >= budget.tokens) {
      return {
        of,
        what: 'tokens',
        reason: `${whose[of]} budget of ${budget.tokens} tokens is spent (${tokensOf(used)})`,
      };
    }
  }
  return null;
}

/** What a person reads: the reason, and what to type where resuming alone would not help. */
export function budgetReason(spent: string, batch: string): string {
  return spent.startsWith(whose.batch)
    ? `${spent}: raise it with millrace steer ${batch} --budget, then resume`
    : spent;
}

/** What an agent is told when a budget comes to its end, for the budget that is nearest to it; null: there is enough. */
export function spendingWarning(allowances: readonly Allowance[]): string | null {
  const parts = allowances.flatMap(({ of, budget, used }) => [
    ...part(
      used.costUsd,
      budget.costUsd,
      (part) => `${percent(part)} of ${whose[of]} budget of ${dollars(budget.costUsd!)} is used up`,
    ),
    ...part(
      tokensOf(used),
      budget.tokens,
      (part) => `${percent(part)} of ${whose[of]} budget of ${budget.tokens} tokens is used up`,
    ),
  ]);
  const nearest = parts.reduce((a, b) => (b.part > a.part ? b : a), { part: 0, words: '' });
  return nearest.part < WARNING ? null : nearest.words;
}

/** US dollars that are left of the tightest budget; null: none is limited. */
export function dollarsLeft(allowances: readonly Allowance[]): number | null {
  const left = allowances.flatMap(({ budget, used }) =>
    budget.costUsd === null ? [] : [budget.costUsd - used.costUsd],
  );
  return left.length === 0 ? null : Math.max(0, Math.min(...left));
}

const whose: Readonly<Record<BudgetOf, string>> = {
  attempt: "the attempt's",
  issue: "the issue's",
  batch: "the batch's",
  night: "the night's",
};

function part(used: number, budget: number | null, words: (part: number) => string) {
  if (budget === null) return [];
  return [{ part: used / budget, words: words(used / budget) }];
}

function percent(part: number): string {
  return `${Math.floor(part * 100)} %`;
}

function dollars(amount: number): string {
  return `$${Number(amount.toFixed(amount < 1 ? 4 : 2))}`;
}
