import { ForgeError } from '../../failure/forge-error.ts';
import type { Account } from '../account.ts';
import type { CommitStatus } from '../forge.ts';
import { fullSha } from '../pushed.ts';
import type { GithubClient } from './api/client.ts';
import * as schema from './api/schema.ts';

/** GitHub refuses more. */
const TEXT = 140;

const states: ReadonlySet<string> = new Set<CommitStatus['state']>(['pending', 'success', 'failure']);

/** The newest status of each context, as GitHub has it. */
export async function newestStatuses(client: GithubClient, sha: string): Promise<readonly schema.StatusAnswer[]> {
  const all = await client.all(schema.status, (rest, page) =>
    rest.repos.listCommitStatusesForRef({ ...client.at, ref: fullSha(sha), ...page }),
  );
  const newest = new Map<string, schema.StatusAnswer>();
  for (const each of all) if (!newest.has(each.context)) newest.set(each.context, each); // newest first
  return [...newest.values()];
}

/** Sets a status unless we set the same one already: GitHub keeps only 1,000 per commit and context. */
export async function setStatus(
  client: GithubClient,
  me: () => Promise<Account>,
  { sha, status }: { readonly sha: string; readonly status: CommitStatus },
): Promise<void> {
  const { context, state } = status;
  if (!states.has(state)) throw new ForgeError('invalid', `not the state of a status: ${JSON.stringify(state)}`);
  const description = Array.from(status.text).slice(0, TEXT).join('');
  const known = (await newestStatuses(client, sha)).find((each) => each.context === context);
  const isSame = known?.state === state && known.description === description;
  if (isSame && known.creator.id === (await me()).id) return;
  await client.ask(schema.status, (rest) =>
    rest.repos.createCommitStatus({ ...client.at, sha, context, state, description }),
  );
}

/** A status as all forges tell it: GitHub's `error` is a failure. */
export function commitStatus({ context, state, description }: schema.StatusAnswer): CommitStatus {
  return { context, state: state === 'error' ? 'failure' : state, text: description };
}
