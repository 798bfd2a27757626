import { factsOf } from '../../workflows/domain/agent-facts.ts';
import type { Budget, Budgets, Price, Settings } from '../../workflows/domain/settings.ts';
import type { Problem } from '../input/errors.ts';
import type { Source } from '../input/yaml.ts';
import { usedProfiles } from './available.ts';
import type { Reading } from './reading.ts';
import type { WrittenConfig } from './schema.ts';

/** The budgets of an issue, a batch and a night; an empty one is a problem. */
export function resolveBudgets({ written, source, problems }: Reading): Budgets {
  const of = (part: 'issue' | 'batch' | 'night'): Budget => {
    const budget = written[part]?.budget;
    if (budget && budget.costUsd == null && budget.tokens == null) {
      const where = source.at([part, 'budget']);
      const mend = 'write `costUsd: 20`, `tokens: 20000000`, or both';
      problems.push({ where, what: `${part}: a budget needs an amount`, mend });
    }
    return { costUsd: budget?.costUsd ?? null, tokens: budget?.tokens ?? null };
  };
  return { issue: of('issue'), batch: of('batch'), night: of('night') };
}

/** The price table; a cached token costs as much as any other unless the file says otherwise. */
export function resolvePrices(written: WrittenConfig): Readonly<Record<string, Price>> {
  const entries = Object.entries(written.prices ?? {});
  return Object.fromEntries(
    entries.map(([model, { input, output, cached }]) => [model, { input, output, cached: cached ?? input }]),
  );
}

/** Cost limits that could never take effect: the agent does not report its cost, and its model has no price. */
export function priceProblems(settings: Settings, source: Source): readonly Problem[] {
  return unpriced(settings)
    .filter((name) => settings.profiles[name]!.limits.costUsd !== null)
    .map((name) => ({
      where: source.at(['profiles', name, 'limits', 'costUsd']),
      what: `profile ${name}: ${settings.profiles[name]!.agent} does not report its cost, and its model has no price: the limit would never be reached`,
      mend: priceMend(settings, name),
    }));
}

/** Warns of the same for the budgets above an attempt, which count only what has a price. */
export function priceNotices(settings: Settings): readonly string[] {
  const { issue, batch, night } = settings.budgets;
  if ([issue, batch, night].every((budget) => budget.costUsd === null)) return [];
  return unpriced(settings).map(
    (name) =>
      `budgets do not count profile ${name}: ${settings.profiles[name]!.agent} does not report its cost; ${priceMend(settings, name)}`,
  );
}

function unpriced(settings: Settings): readonly string[] {
  return usedProfiles(settings).filter((name) => {
    const { agent, model } = settings.profiles[name]!;
    return factsOf(agent)?.reportsCost === false && !Object.hasOwn(settings.prices, model ?? agent);
  });
}

function priceMend({ profiles }: Settings, name: string): string {
  const { agent, model } = profiles[name]!;
  return `write \`prices: { ${model ?? agent}: { input: 1.25, output: 10, cached: 0.125 } }\`, in US dollars for a million tokens`;
}
