import type { Settings } from '../../workflows/domain/settings.ts';
import { quote } from '../input/text.ts';
import { resolveBudgets, resolvePrices } from './budgets.ts';
import { durationMs } from './duration.ts';
import { resolveProfiles, resolveRoles } from './agents/profiles.ts';
import type { Reading } from './reading.ts';

/** Longest run of one check, unless it names its own. */
const DEFAULT_CHECK_TIMEOUT = '10m';

/** Settings that the file alone decides. */
export type FileParts = Pick<
  Settings,
  'profiles' | 'roles' | 'checks' | 'worktree' | 'review' | 'budgets' | 'prices' | 'sandbox'
>;

/** What depends neither on a flag nor on the repository, each with its default. */
export function resolveParts(reading: Reading): FileParts {
  const { written } = reading;
  return {
    profiles: resolveProfiles(reading),
    roles: resolveRoles(reading),
    checks: resolveChecks(reading),
    worktree: { setup: written.worktree?.setup ?? [], copy: written.worktree?.copy ?? [] },
    review: { rounds: written.review?.rounds ?? 3 },
    budgets: resolveBudgets(reading),
    prices: resolvePrices(written),
    sandbox: written.sandbox ?? 'auto',
  };
}

function resolveChecks({ written, source, problems }: Reading): Settings['checks'] {
  const checks = written.checks ?? [];
  return checks.map(({ name, run, timeout }, index) => {
    if (checks.findIndex((each) => each.name === name) < index) {
      const what = `two checks are called ${quote(name)}`;
      problems.push({ where: source.at(['checks', index, 'name']), what, mend: 'give each its own name' });
    }
    const where = source.at(['checks', index, 'timeout']);
    return { name, run, timeoutMs: durationMs(timeout ?? DEFAULT_CHECK_TIMEOUT, where, problems) };
  });
}
