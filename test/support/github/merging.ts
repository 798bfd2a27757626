import { ok, Refusal, textOf, type Rule } from './answer.ts';
import { commitMerge } from './git-merge.ts';
import { rulesBroken, standing } from './mergeability.ts';
import { pullOf, pullsOf, type PullIssue } from './pull.ts';
import type { AccountRecord, MergeMethod } from './state.ts';
import { close, closeMentioned, tell, writer } from './tracking.ts';
import type { World } from './world.ts';

/** One merge as it was asked for, now or on green. */
export interface MergeOrder {
  readonly by: AccountRecord;
  readonly method: MergeMethod;
  readonly title: string | null;
  readonly message: string | null;
}

const off: Readonly<Record<MergeMethod, string>> = {
  merge: 'Merge commits are not allowed on this repository.',
  squash: 'Squash merges are not allowed on this repository.',
  rebase: 'Rebase merges are not allowed on this repository.',
};

const merge: Rule = async (call) => {
  const { world, body } = call;
  const issue = pullOf(call);
  const method = (textOf(body, 'merge_method') ?? 'merge') as MergeMethod;
  const order = {
    by: writer(call.me),
    method,
    title: textOf(body, 'commit_title') ?? null,
    message: textOf(body, 'commit_message') ?? null,
  };
  const sha = textOf(body, 'sha');
  if (issue.pull.merged !== null || issue.state === 'closed') throw new Refusal(405, 'Pull Request is not mergeable');
  if (!world.settings.mergeMethods.includes(method)) throw new Refusal(405, off[method]);
  if (sha !== undefined && sha !== issue.pull.head)
    throw new Refusal(409, 'Head branch was modified. Review and try the merge again.');
  if (issue.pull.isDraft) throw new Refusal(405, 'Pull Request is still a draft');
  const reasons = await rulesBroken(world, issue);
  if (reasons.length > 0) throw new Refusal(405, reasons.join(' '));
  const merged = await mergeNow(world, issue, order);
  if (merged === null) throw new Refusal(405, 'Pull Request is not mergeable');
  return ok({ sha: merged, merged: true, message: 'Pull Request successfully merged' });
};

/** Moves the base by a real merge; null: it conflicts. */
async function mergeNow(world: World, issue: PullIssue, order: MergeOrder): Promise<string | null> {
  const { pull } = issue;
  const base = await world.objects.commit(`refs/heads/${pull.base}`);
  if (base === null) return null;
  const sha = await commitMerge(world, issue, { ...order, base });
  if (sha === null) return null;
  await world.remote.git.run(['update-ref', `refs/heads/${pull.base}`, sha, base]);
  await settle(world, { issue, sha, by: order.by });
  if (world.settings.deleteBranchOnMerge) {
    await world.remote.git.run(['update-ref', '-d', `refs/heads/${pull.branch}`]);
    tell(world, issue, { event: 'head_ref_deleted', actor: order.by });
  }
  return sha;
}

function markMerged(world: World, issue: PullIssue, facts: { readonly sha: string; readonly by: AccountRecord }): void {
  issue.pull.merged = { ...facts, at: world.now() };
  issue.pull.autoMerge = null;
  tell(world, issue, { event: 'merged', actor: facts.by, commit: facts.sha });
  close(world, issue, { actor: facts.by });
  // Only what lands on the default branch closes issues.
  if (issue.pull.base === 'main') closeMentioned(world, [issue.body], { actor: facts.by, commit: facts.sha });
}

interface Landing {
  readonly issue: PullIssue;
  readonly sha: string;
  readonly by: AccountRecord;
}

/** Brings pull requests up to what the branches are now: pushed, merged by hand, deleted; done before every request. */
export async function settle(world: World, landing?: Landing): Promise<void> {
  if (landing !== undefined) markMerged(world, landing.issue, landing);
  const open = pullsOf(world).filter((each) => each.state === 'open');
  const tips = await world.objects.tips(['main', ...open.flatMap(({ pull }) => [pull.branch, pull.base])]);
  await closeByCommits(world, tips.get('main') ?? null);
  for (const issue of open) await follow(world, issue, tips);
}

async function closeByCommits(world: World, now: string | null): Promise<void> {
  const before = world.state.tips.get('main');
  if (now === null || now === before) return;
  world.state.tips.set('main', now);
  if (before === undefined) return;
  const messages = await world.remote.git.run(['log', '--format=%B', `${before}..${now}`]);
  closeMentioned(world, [messages], { actor: pusher(world), commit: now });
}

/** Who pushed without the fake seeing it: tests do, in the bare repository. */
function pusher(world: World): AccountRecord {
  return world.accounts.find((each) => each.permission === 'admin') ?? (world.accounts[0] as AccountRecord);
}

async function follow(world: World, issue: PullIssue, tips: ReadonlyMap<string, string | null>): Promise<void> {
  const { pull } = issue;
  const [head = null, base = null] = [tips.get(pull.branch), tips.get(pull.base)];
  if (base === null) return;
  if (base !== pull.baseSha && (await world.objects.contains(base, pull.head))) {
    const path = await world.remote.git.run(['rev-list', '--first-parent', '--ancestry-path', `${pull.head}..${base}`]);
    const sha = path.split('\n').at(-1) || base;
    pull.baseSha = base;
    return markMerged(world, issue, { sha, by: pusher(world) });
  }
  if (base !== pull.baseSha) pull.reads = 0;
  pull.baseSha = base;
  if (head === null) return close(world, issue, { actor: pusher(world) });
  if (head !== pull.head) await moved(world, issue, head);
}

async function moved(world: World, issue: PullIssue, head: string): Promise<void> {
  const { pull } = issue;
  pull.head = head;
  pull.reads = 0;
  issue.updatedAt = world.now();
  await world.remote.git.run(['update-ref', `refs/pull/${issue.number}/head`, head]);
  // GitHub closes what has nothing left to merge.
  if (await world.objects.contains(pull.baseSha, head)) close(world, issue, { actor: pusher(world) });
}

/** Merges what was to be merged on green and now is; after everything that may have made it so. */
export async function fireAutoMerges(world: World): Promise<void> {
  for (const issue of pullsOf(world)) {
    const order = issue.pull.autoMerge;
    if (order === null || issue.state !== 'open') continue;
    const state = await standing(world, issue);
    if (state === 'clean' || state === 'unstable') await mergeNow(world, issue, order);
  }
}

export const mergeRules: Readonly<Record<string, Rule>> = { 'pulls/merge': merge };
