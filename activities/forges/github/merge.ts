import { forgeErrors } from '../../../workflows/domain/forge/error-kind.ts';
import { ForgeError } from '../../failure/forge-error.ts';
import type { Merge, MergeOrder } from '../pull.ts';
import { mayBeThere } from '../http/ensure.ts';
import { readCi } from './ci.ts';
import { scheduleMerge } from './auto-merge.ts';
import type { GithubContext } from './context.ts';
import { readPull } from './pulls.ts';
import * as schema from './api/schema.ts';

/** Merges by exact sha, now or when the rules of the base are met. */
export async function mergePull(github: GithubContext, number: number, order: MergeOrder): Promise<Merge> {
  const pull = await readPull(github, number);
  const answer = await withoutMerging(github, pull, order);
  if (answer) return answer;
  if (order.when === 'now') return mergeNow(github, number, order);
  const scheduled = await scheduleMerge(github, pull, order);
  if (scheduled.kind !== 'nothing-to-wait-for') return scheduled;
  const { overall, complete } = await readCi(github.client, order.sha, pull.base.ref);
  if (complete && (overall === 'success' || overall === 'none')) return mergeNow(github, number, order);
  const why = complete ? `its CI is ${overall}` : 'the token may not read all of its CI';
  return { kind: 'blocked', reason: `GitHub has nothing to wait for (${scheduled.reason}), but ${why}` };
}

async function mergeNow(github: GithubContext, number: number, order: MergeOrder): Promise<Merge> {
  const { client } = github;
  const words = order.method === 'rebase' ? {} : { commit_title: order.title, commit_message: order.message };
  const at = { ...client.at, pull_number: number };
  try {
    const { sha } = await client.ask(schema.merged, (rest) =>
      rest.pulls.merge({ ...at, sha: order.sha, merge_method: order.method, ...words }),
    );
    return { kind: 'merged', sha };
  } catch (error) {
    if (!(error instanceof ForgeError) || !(error.status === 405 || error.status === 409 || mayBeThere(error)))
      throw error;
    // Whatever the error says, an earlier attempt may have merged it.
    const now = await readPull(github, number);
    return (await withoutMerging(github, now, order)) ?? refusal(now, error);
  }
}

/** The answer if there is nothing left to merge; null: it is open at the reviewed sha. */
async function withoutMerging(
  github: GithubContext,
  pull: schema.PullAnswer,
  order: MergeOrder,
): Promise<Merge | null> {
  const isOurHead = pull.head.sha === order.sha;
  if (pull.merged_at !== null) {
    const sha = pull.merge_commit_sha ?? pull.head.sha;
    if (isOurHead || (await github.remote.contained(sha, [order.sha])).has(order.sha)) return { kind: 'merged', sha };
  }
  if (!isOurHead) throw new ForgeError('stale-head', `#${pull.number} is at ${pull.head.sha}, not at ${order.sha}`);
  if (pull.state === 'closed') return { kind: 'blocked', reason: `#${pull.number} is closed` };
  return pull.draft ? { kind: 'blocked', reason: `#${pull.number} is a draft` } : null;
}

/** Why an open pull request was not merged. @throws ForgeError `conflict`, `merge-not-ready`, and errors that are no refusal. */
function refusal(pull: schema.PullAnswer, error: ForgeError): Merge {
  const { refusesMerge } = forgeErrors[error.kind];
  if (refusesMerge === 'rule') return { kind: 'blocked', reason: error.message };
  if (refusesMerge === 'contents') return { kind: 'blocked', reason: mustBeRule(pull, error) };
  throw error;
}

function mustBeRule({ number, base, mergeable, mergeable_state }: schema.PullAnswer, error: ForgeError): string {
  const facts = {
    ...(error.operation ? { operation: error.operation } : {}),
    ...(error.status ? { status: error.status } : {}),
  };
  if (mergeable === false || mergeable_state === 'dirty') {
    throw new ForgeError('conflict', `#${number} conflicts with ${base.ref}: ${error.message}`, facts);
  }
  if (mergeable === null || mergeable === undefined) {
    throw new ForgeError(
      'merge-not-ready',
      `GitHub does not know yet whether #${number} can be merged: ${error.message}`,
      facts,
    );
  }
  return error.message;
}
