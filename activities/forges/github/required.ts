import { unless } from '../http/unless.ts';
import type { GithubClient } from './api/client.ts';
import * as schema from './api/schema.ts';

/** What the rules of a branch require, as far as they can be read. */
export interface Demanded {
  readonly exists: boolean;
  readonly isProtected: boolean | null;
  readonly checks: readonly string[];
  readonly approvals: number | null;
  /** False: a rule could not be read, so checks that are not listed may be required too. */
  readonly complete: boolean;
}

/** Reads rulesets and the older branch protection, which GitHub tells in two places. */
export async function demandedBy(client: GithubClient, branch: string): Promise<Demanded> {
  const at = { ...client.at, branch };
  const [own, rules] = await Promise.all([
    client.ask(schema.branch, (rest) => rest.repos.getBranch(at)).catch(unless('not-found')),
    client.ask(schema.rules, (rest) => rest.repos.getBranchRules(at)).catch(unless('not-found', 'forbidden')),
  ]);
  const contexts = [
    ...(own?.protection?.required_status_checks?.contexts ?? []),
    ...(rules ?? []).flatMap(({ parameters }) =>
      (parameters?.required_status_checks ?? []).map(({ context }) => context),
    ),
  ];
  const approvals = (rules ?? []).flatMap(({ parameters }) => parameters?.required_approving_review_count ?? []);
  return {
    exists: own !== null,
    isProtected: own?.protected ?? null,
    checks: [...new Set(contexts)],
    approvals: approvals.length === 0 ? null : Math.max(...approvals),
    complete: own !== null && rules !== null,
  };
}
