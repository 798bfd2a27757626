import { addUsage, noUsage, type AttemptInput, type Usage } from '../../workflows/domain/attempt.ts';
import type { Allowance } from '../../workflows/domain/batch/budget.ts';
import { noBudgets, type Price, type Profile, type Settings } from '../../workflows/domain/settings.ts';
import type { ReportedUsage } from '../agents/agent.ts';
import type { Ledger } from './ledger.ts';

/** What an attempt uses, against everything that limits it. */
export interface Spending {
  /** Used by the run that is under way. */
  note(run: Usage): void;
  /** Every budget that applies, with what anybody has used of it so far. */
  allowances(): readonly Allowance[];
  /** Makes the notes durable, so that other attempts and later workers count them. */
  keep(): Promise<void>;
}

interface SpendingFacts {
  readonly input: AttemptInput;
  readonly profile: Profile;
  readonly ledger: Ledger;
  /** Used by earlier runs of this attempt. */
  readonly earlier: Usage;
}

/** Opens the account of one attempt. */
export function openSpending({ input, profile, ledger, earlier }: SpendingFacts): Spending {
  const { issue, attempt, budgets = noBudgets, spent = noUsage } = input;
  const entry = { batch: issue.batch, issue: issue.key, attempt };
  let used = earlier;
  ledger.note(entry, used);
  return {
    note(run) {
      used = addUsage(earlier, run);
      ledger.note(entry, used);
    },
    allowances: () => [
      { of: 'attempt', budget: profile.limits, used },
      { of: 'issue', budget: budgets.issue, used: addUsage(spent, used) },
      { of: 'batch', budget: budgets.batch, used: ledger.batch(issue.batch) },
      { of: 'night', budget: budgets.night, used: ledger.night() },
    ],
    keep: () => ledger.keep(entry),
  };
}

/** Puts a price on a usage: the tool's own, or else the price table's; 0 where neither has one. */
export function pricedBy(price: Price | null): (usage: ReportedUsage) => Usage {
  return (usage) => ({ ...usage, costUsd: usage.costUsd ?? (price === null ? 0 : costOf(usage, price)) });
}

/** The price of a profile's model, or of its agent where it names no model; null: the configuration has none. */
export function priceOf({ prices }: Settings, { model, agent }: Profile): Price | null {
  return prices?.[model ?? agent] ?? null;
}

function costOf({ inputTokens, outputTokens, cachedTokens }: ReportedUsage, price: Price): number {
  return (inputTokens * price.input + outputTokens * price.output + cachedTokens * price.cached) / 1_000_000;
}
