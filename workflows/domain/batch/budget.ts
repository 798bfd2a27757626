import type { Usage } from '../attempt.ts';
import type { Budget } from '../settings.ts';
import { moneyWords } from '../words.ts';

/** What a budget is for. */
export type BudgetOf = 'attempt' | 'issue' | 'batch' | 'night';

/** A budget and what is used of it, running attempts included. */
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

/** The part of a budget after which an agent is told to finish. */
const WARNING = 0.8;

/** All tokens that count towards a budget: cached ones too, since providers count them towards a window. */
export function tokensOf({ inputTokens, outputTokens, cachedTokens }: Usage): number {
  return inputTokens + outputTokens + cachedTokens;
}

/** The later of two reports on the same attempt: what it used only ever grows. */
export function laterUsage(a: Usage, b: Usage): Usage {
  const more = tokensOf(a) - tokensOf(b) || a.costUsd - b.costUsd;
  return more > 0 ? a : b;
}

/** A usage in words, as pages, comments and pull requests say it: the tokens are those that budgets count. */
export function usageWords(usage: Usage): string {
  return `${moneyWords(usage.costUsd)}, ${grouped(tokensOf(usage))} tokens`;
}

function grouped(whole: number): string {
  return String(whole).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** The first budget that is used up; null: none is. */
export function spentBudget(allowances: readonly Allowance[]): SpentBudget | null {
  for (const { of, budget, used } of allowances) {
    if (budget.costUsd !== null && used.costUsd >= budget.costUsd) {
      return { of, what: 'cost', reason: spentReason(of, dollars(budget.costUsd), dollars(used.costUsd)) };
    }
    if (budget.tokens !== null && tokensOf(used) >= budget.tokens) {
      return { of, what: 'tokens', reason: spentReason(of, `${budget.tokens} tokens`, String(tokensOf(used))) };
    }
  }
  return null;
}

/** What a person reads: the reason, and what to type if resuming alone would not help. */
export function budgetReason(spent: string, batch: string): string {
  return spent.startsWith(whose.batch)
    ? `${spent}: raise it with millrace steer ${batch} --budget, then resume`
    : spent;
}

/** What an agent is told when a budget is nearly used up, the one nearest to its end; null: there is enough. */
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

/** US dollars that are left in the tightest budget; null: none is limited. */
export function dollarsLeft(allowances: readonly Allowance[]): number | null {
  const tightest = tightestBudget(allowances);
  return tightest === null ? null : Math.max(0, leftOf(tightest));
}

/** The budget that stopped a tool which knew how much money was left: the tightest one; null: none is limited. */
export function stoppedBudget(allowances: readonly Allowance[]): SpentBudget | null {
  const tightest = tightestBudget(allowances);
  if (tightest === null) return null;
  const { of, budget, used } = tightest;
  return { of, what: 'cost', reason: spentReason(of, dollars(budget.costUsd!), dollars(used.costUsd)) };
}

function tightestBudget(allowances: readonly Allowance[]): Allowance | null {
  const limited = allowances.filter(({ budget }) => budget.costUsd !== null);
  return limited.reduce<Allowance | null>((a, b) => (a === null || leftOf(b) < leftOf(a) ? b : a), null);
}

function leftOf({ budget, used }: Allowance): number {
  return budget.costUsd! - used.costUsd;
}

function spentReason(of: BudgetOf, budget: string, used: string): string {
  return `${whose[of]} budget of ${budget} is spent (${used})`;
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
