import type { PullIssue } from './pull.ts';
import type { CheckRecord, StatusRecord } from './state.ts';
import { mayWrite, type BranchRule, type World } from './world.ts';

/** GitHub's words for whether a pull request can be merged now. */
export type MergeableState = 'clean' | 'unstable' | 'blocked' | 'behind' | 'dirty' | 'draft' | 'unknown';

/** How one name stands at a commit; pending also covers what is named by a rule and has not reported. */
export interface Reported {
  readonly name: string;
  readonly state: 'pending' | 'success' | 'failure';
}

/** Nothing is demanded of a branch without a rule. */
const free: BranchRule = { requiredStatuses: [], approvals: 0, strict: false };

export function ruleOf(world: World, branch: string): BranchRule {
  return world.settings.rules[branch] ?? free;
}

/** Newest status of each context and newest check run of each app and name. */
export function reported(world: World, sha: string): readonly Reported[] {
  return [...newestStatuses(world, sha).map(ofStatus), ...newestChecks(world, sha).map(ofCheck)];
}

export function newestStatuses({ state }: World, sha: string): readonly StatusRecord[] {
  const of = state.statuses.filter((each) => each.sha === sha);
  return [...new Map(of.map((each) => [each.context, each])).values()];
}

export function newestChecks({ state }: World, sha: string): readonly CheckRecord[] {
  const of = state.checks.filter((each) => each.sha === sha);
  return [...new Map(of.map((each) => [`${each.app} ${each.name}`, each])).values()];
}

function ofStatus({ context, state }: StatusRecord): Reported {
  return { name: context, state: state === 'error' ? 'failure' : state };
}

function ofCheck({ name, conclusion }: CheckRecord): Reported {
  if (conclusion === null) return { name, state: 'pending' };
  return { name, state: ['success', 'neutral', 'skipped'].includes(conclusion) ? 'success' : 'failure' };
}

/** Why a rule of the base forbids the merge, in GitHub's words; none: it does not. */
export async function rulesBroken(world: World, { pull, author }: PullIssue): Promise<readonly string[]> {
  const rule = ruleOf(world, pull.base);
  const states = reported(world, pull.head);
  const base = (await world.objects.commit(`refs/heads/${pull.base}`)) ?? pull.baseSha;
  const reasons: string[] = [];
  if (rule.strict && !(await world.objects.contains(pull.head, base))) {
    reasons.push('Head branch is behind the base branch. Update the branch and try again.');
  }
  reasons.push(...statusReasons(rule, states));
  const approvals = new Map(
    pull.reviews
      .filter((each) => mayWrite(each.author) && each.state !== 'COMMENTED' && each.state !== 'PENDING')
      .map((each) => [each.author.id, each.state]),
  );
  approvals.delete(author.id);
  const approved = [...approvals.values()].filter((state) => state === 'APPROVED').length;
  if (approved < rule.approvals) {
    reasons.push(
      `At least ${rule.approvals} approving review${rule.approvals === 1 ? ' is' : 's are'} required by reviewers with write access.`,
    );
  }
  return reasons;
}

function statusReasons({ requiredStatuses }: BranchRule, states: readonly Reported[]): readonly string[] {
  const wanting = requiredStatuses.filter((name) =>
    states.every((each) => each.name !== name || each.state !== 'success'),
  );
  if (wanting.length === 0) return [];
  if (wanting.length > 1)
    return [`${wanting.length} of ${requiredStatuses.length} required status checks have not succeeded.`];
  const state = states.find((each) => each.name === wanting[0])?.state;
  const how = state === undefined ? 'expected' : state === 'pending' ? 'pending' : 'failing';
  return [`Required status check "${wanting[0]}" is ${how}.`];
}

/** As GitHub tells it: null and `unknown` at first, until it has worked it out. */
export async function mergeableState(
  world: World,
  issue: PullIssue,
  { asked = false } = {},
): Promise<MergeableState | null> {
  const { pull } = issue;
  if (pull.merged !== null || issue.state === 'closed') return null;
  if (asked) pull.reads += 1;
  if (pull.reads <= world.settings.mergeableLag) return null;
  return standing(world, issue);
}

/** The same without the delay. */
export async function standing(world: World, issue: PullIssue): Promise<MergeableState> {
  const { pull } = issue;
  const base = await world.objects.commit(`refs/heads/${pull.base}`);
  if (base === null) return 'unknown';
  if ((await world.objects.mergedTree(base, pull.head)) === null) return 'dirty';
  if (pull.isDraft) return 'draft';
  const reasons = await rulesBroken(world, issue);
  if (reasons.some((each) => each.includes('behind the base branch'))) return 'behind';
  if (reasons.length > 0) return 'blocked';
  return reported(world, pull.head).every((each) => each.state === 'success') ? 'clean' : 'unstable';
}
