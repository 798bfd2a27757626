import { ForgeError } from '../../failure/forge-error.ts';
import type { Merge, MergeOrder } from '../pull.ts';
import { scheduleMutation, unscheduleMutation } from './api/documents.ts';
import type { GithubContext } from './context.ts';
import { readPull } from './pulls.ts';
import * as schema from './api/schema.ts';

const methods = { merge: 'MERGE', squash: 'SQUASH', rebase: 'REBASE' } as const;

/** GitHub's answer to auto-merge; `nothing-to-wait-for`: everything it would wait for is done. */
export type Scheduled = Merge | { readonly kind: 'nothing-to-wait-for'; readonly reason: string };

/** Asks GitHub to merge this head once the rules of its base are met. */
export async function scheduleMerge(
  github: GithubContext,
  pull: schema.PullAnswer,
  order: MergeOrder,
): Promise<Scheduled> {
  const words = order.method === 'rebase' ? {} : { commitHeadline: order.title, commitBody: order.message };
  const input = {
    pullRequestId: pull.node_id,
    expectedHeadOid: order.sha,
    mergeMethod: methods[order.method],
    ...words,
  };
  const query = {
    name: `enablePullRequestAutoMerge of #${pull.number}`,
    document: scheduleMutation,
    variables: { input },
  };
  try {
    await github.client.graphql(schema.anything, query);
  } catch (error) {
    if (!(error instanceof ForgeError) || !isRefusal(error)) throw error;
    return refusal(github, pull.number, { order, error });
  }
  return { kind: 'scheduled' };
}

async function refusal(
  github: GithubContext,
  number: number,
  { order, error }: { readonly order: MergeOrder; readonly error: ForgeError },
): Promise<Scheduled> {
  const reason = error.message;
  const now = await readPull(github, number);
  if (now.merged_at !== null) return { kind: 'merged', sha: now.merge_commit_sha ?? now.head.sha };
  if (now.head.sha !== order.sha) throw new ForgeError('stale-head', `#${number} is at ${now.head.sha}: ${reason}`);
  if (/already/i.test(reason) && now.auto_merge) return { kind: 'scheduled' };
  if (/head.*(modified|mismatch|out of date|oid)/i.test(reason)) throw new ForgeError('stale-head', reason);
  if (/clean status|rules not configured/i.test(reason)) return { kind: 'nothing-to-wait-for', reason };
  if (/not allowed/i.test(reason)) {
    const mend = 'turn on "Allow auto-merge" in the general settings of the repository, or use `landing: merge`';
    return { kind: 'blocked', reason: `${reason}; ${mend}` };
  }
  if (now.mergeable === false || /dirty|conflict/i.test(reason)) throw new ForgeError('conflict', reason);
  return { kind: 'blocked', reason };
}

/** Cancels a scheduled merge. */
export async function unscheduleMerge(github: GithubContext, number: number): Promise<void> {
  const pull = await readPull(github, number);
  if (!pull.auto_merge || pull.state === 'closed') return;
  const variables = { pullRequestId: pull.node_id };
  const query = { name: `disablePullRequestAutoMerge of #${number}`, document: unscheduleMutation, variables };
  try {
    await github.client.graphql(schema.anything, query);
  } catch (error) {
    const isOff = error instanceof ForgeError && isRefusal(error) && !(await readPull(github, number)).auto_merge;
    if (!isOff) throw error;
  }
}

function isRefusal({ kind }: ForgeError): boolean {
  return kind === 'invalid' || kind === 'rejected' || kind === 'conflict';
}
