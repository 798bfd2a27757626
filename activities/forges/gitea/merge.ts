import { setTimeout as sleep } from 'node:timers/promises';
import type { MergePullRequestOption } from 'gitea-js';
import { forgeErrors } from '../../../workflows/domain/forge/error-kind.ts';
import { ForgeError } from '../../failure/forge-error.ts';
import type { Merge, MergeOrder, PullRequest } from '../pull.ts';
import { unless } from '../http/unless.ts';
import { fullSha } from '../pushed.ts';
import { numberSegment } from './client.ts';
import type { GiteaContext } from './context.ts';
import { listBlockers } from './issues.ts';
import { readPull } from './pulls.ts';
import { titleOf } from './text.ts';

/** Gitea needs 1 to 5 s; longer waits are the workflow's. */
const READY_LOOKS = 12;

const READY_MS = 500;

/** Merges exactly the reviewed head; what counts is the state afterwards, whatever Gitea answers. */
export async function mergePull(gitea: GiteaContext, number: number, order: MergeOrder): Promise<Merge> {
  const sha = fullSha(order.sha);
  if (order.when === 'on-green')
    throw new ForgeError('unsupported', 'Gitea binds a scheduled merge to no sha: wait for CI, then merge by sha');
  const before = await withoutMerging(gitea, await readPull(gitea, number), sha);
  if (before) return before;
  const option = {
    Do: order.method,
    head_commit_id: sha,
    // A rebase keeps the messages of its commits.
    ...(order.method === 'rebase' ? {} : { MergeTitleField: titleOf(order.title), MergeMessageField: order.message }),
  } satisfies MergePullRequestOption;
  const path = `${gitea.client.repository}/pulls/${numberSegment(number)}/merge`;
  const attempt = async (): Promise<ForgeError | null> => {
    try {
      await gitea.client.post(path, option);
      return null;
    } catch (error) {
      if (error instanceof ForgeError) return error;
      throw error;
    }
  };
  let refusal = await attempt();
  if (refusal?.kind === 'merge-not-ready' && (await becameReady(gitea, number, sha))) refusal = await attempt();
  const after = await withoutMerging(gitea, await readPull(gitea, number), sha);
  if (after) return after;
  if (refusal) return answerTo(gitea, refusal, { number, sha });
  throw new ForgeError('merge-not-ready', `${path}: Gitea accepted the merge but still shows #${number} open`);
}

/** Waits the seconds that Gitea needs to compare the branches anew after each attempt on that base. */
async function becameReady(gitea: GiteaContext, number: number, sha: string): Promise<boolean> {
  await mustFit(gitea, { number, sha }); // for a conflict it only ever says that it is not ready
  for (let look = 0; look < READY_LOOKS; look += 1) {
    const { mergeable, state } = await readPull(gitea, number);
    if (mergeable === 'yes' || state !== 'open') return true;
    await sleep(READY_MS);
  }
  return false;
}

/** The answer if there is nothing left to merge; null: it is open at exactly this head. @throws ForgeError `stale-head`. */
async function withoutMerging({ connection }: GiteaContext, pull: PullRequest, sha: string): Promise<Merge | null> {
  const { number, state, head, base, mergeSha } = pull;
  if (state === 'closed') return { kind: 'blocked', reason: `#${number} is closed` };
  const isMerged = state === 'merged';
  if (isMerged && head === sha) return { kind: 'merged', sha: mergeSha ?? head };
  if (isMerged) {
    const tip = (await connection.remote.tips([base])).get(base);
    const has = tip ? await connection.remote.contained(tip, [sha]) : new Set<string>();
    if (tip && has.has(sha)) return { kind: 'merged', sha: mergeSha ?? tip };
  }
  if (head !== sha) throw new ForgeError('stale-head', `#${number} is at ${head}, and ${sha} was to be merged`);
  return null;
}

async function answerTo(gitea: GiteaContext, error: ForgeError, pull: { number: number; sha: string }): Promise<Merge> {
  const { refusesMerge } = forgeErrors[error.kind];
  if (refusesMerge === 'rule') return { kind: 'blocked', reason: error.message };
  if (error.kind === 'rejected') return wordless(gitea, error, pull);
  if (refusesMerge === 'contents' || error.kind === 'merge-not-ready') await mustFit(gitea, pull); // git names the files
  throw error;
}

/** A 500 without words means a conflict, an issue that has to be done first, or a lost race that may be tried again. */
async function wordless(gitea: GiteaContext, error: ForgeError, pull: { number: number; sha: string }): Promise<Merge> {
  await mustFit(gitea, pull);
  const told = await listBlockers(gitea, pull.number).catch(unless('not-found', 'unsupported'));
  const blockers = told === null ? [] : [...told.here.map((each) => `#${each}`), ...told.elsewhere];
  if (blockers.length > 0) return { kind: 'blocked', reason: `#${pull.number} waits for ${blockers.join(', ')}` };
  const words = `${error.operation}: Gitea answered 500 without a word, and #${pull.number} is open at that head`;
  throw new ForgeError('merge-not-ready', `${words}, without a conflict that git would see`);
}

/** @throws ForgeError `conflict`, as git itself sees it. */
async function mustFit(gitea: GiteaContext, { number, sha }: { number: number; sha: string }): Promise<void> {
  const { remote } = gitea.connection;
  const { base } = await readPull(gitea, number);
  const tip = (await remote.tips([base])).get(base);
  const files = tip ? await remote.conflicts(tip, sha) : [];
  if (files.length > 0) throw new ForgeError('conflict', `#${number} conflicts with ${base} in ${files.join(', ')}`);
}
