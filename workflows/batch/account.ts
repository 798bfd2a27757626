import { noUsage } from '../domain/attempt.ts';
import type { BatchInput, Carried, Settled } from '../domain/batch/batch.ts';
import { spentBudget } from '../domain/batch/budget.ts';
import { standIns } from '../domain/agent/profile-choice.ts';
import { budgetsOf, type Budget, type Policy } from '../domain/settings.ts';
import type { Parked } from '../messages.ts';

/** What the issues of a batch used, what they may use, and which profiles cannot be used. */
export type BatchAccount = ReturnType<typeof createBatchAccount>;

/** Opens the account of one run of a batch; `touch` tells whoever waits that a profile was parked or is free again. */
export function createBatchAccount({ batch, policy, carried }: BatchInput, touch: () => void) {
  const parked = new Map(Object.entries(carried?.parked ?? {}));
  const whys = new Map(Object.entries(carried?.parkedWhy ?? {}));
  let spentUsd = carried?.spentUsd ?? 0;
  let spentTokens = carried?.spentTokens ?? 0;
  let budget = carried?.budget ?? budgetsOf(policy).batch;

  const profile = policy.roles.implement[0] as string;
  const spent = () =>
    spentBudget([{ of: 'batch', budget, used: { ...noUsage, inputTokens: spentTokens, costUsd: spentUsd } }]);
  /** When an issue can be started, epoch ms: when the implementer's profile, or a stand-in for it, is free. */
  const quotaUntil = () => Math.min(...standIns(policy, profile).map((name) => parked.get(name) ?? 0));

  return {
    quotaUntil,
    spentUsd: () => spentUsd,
    budget: () => budget,
    setBudget: (to: Budget) => void (budget = to),
    isSpent: () => spent() !== null,
    isOpen: () => spent() === null && quotaUntil() <= Date.now(),
    settle({ costUsd, tokens = 0 }: Settled) {
      spentUsd += costUsd;
      spentTokens += tokens;
    },
    park({ profile: name, until, why }: Parked) {
      if (why) whys.set(name, why);
      else whys.delete(name);
      if (until === 0) parked.delete(name);
      else parked.set(name, Math.max(until, parked.get(name) ?? 0));
      touch();
    },
    /** What an issue that starts now has to know of money and of profiles. */
    terms: (): { readonly policy: Policy; readonly parked?: Readonly<Record<string, number>> } => ({
      policy: { ...policy, budgets: { ...budgetsOf(policy), batch: budget } },
      ...(parked.size > 0 ? { parked: Object.fromEntries(parked) } : {}),
    }),
    /** Why nothing can be started; null: something can. */
    why(): string | null {
      const over = spent();
      if (over) return `${over.reason}: raise it with millrace steer ${batch} --budget`;
      if (quotaUntil() <= Date.now()) return null;
      const until = new Date(quotaUntil()).toISOString();
      const why = whys.get(profile);
      if (why) return `profile ${profile} is left alone until ${until}, or until an issue is resumed: ${why}`;
      return `quota of profile ${profile} is used up until ${until}`;
    },
    carry: (): Pick<Carried, 'spentUsd' | 'spentTokens' | 'budget' | 'parked' | 'parkedWhy'> => ({
      spentUsd,
      spentTokens,
      budget,
      parked: Object.fromEntries(parked),
      parkedWhy: Object.fromEntries(whys),
    }),
  };
}
