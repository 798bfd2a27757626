import { ForgeError } from '../../failure/forge-error.ts';
import type { Account } from '../account.ts';
import type { PullEdit, PullFilter, PullRequest } from '../pull.ts';
import { marked } from '../key.ts';
import { issueKeyOf, ourKey, sameText } from '../http/marker.ts';
import type { GithubClient } from './api/client.ts';
import * as schema from './api/schema.ts';
import type { GithubContext } from './context.ts';
import { pullKey } from '../key.ts';

/** One pull request as GitHub has it. @throws ForgeError `not-found`. */
export async function readPull({ client }: Pick<GithubContext, 'client'>, number: number): Promise<schema.PullAnswer> {
  if (!Number.isSafeInteger(number) || number < 1) {
    throw new ForgeError('not-found', `no pull request has the number ${number}`);
  }
  return client.ask(schema.pull, (rest) => rest.pulls.get({ ...client.at, pull_number: number }));
}

/** All pull requests of a branch of this repository, whoever opened them, oldest first. */
export async function pullsOfBranch(
  { client }: Pick<GithubContext, 'client'>,
  branch: string,
): Promise<readonly schema.PullAnswer[]> {
  const head = `${client.place.owner}:${branch}`; // without the owner GitHub does not filter
  const all = await client.all(schema.pull, (rest, page) =>
    rest.pulls.list({ ...client.at, head, state: 'all', ...page }),
  );
  return all.filter((each) => each.head.ref === branch && isOwn(client, each)).toSorted(byNumber);
}

/** Ours for a branch or an issue, or everybody's; oldest first. */
export async function listPulls(github: GithubContext, filter: PullFilter): Promise<readonly PullRequest[]> {
  const me = await github.me();
  return (await answersOf(github, filter)).toSorted(byNumber).map((each) => pullRequest(each, me));
}

async function answersOf(github: GithubContext, filter: PullFilter): Promise<readonly schema.PullAnswer[]> {
  const { client } = github;
  if (filter === 'all') {
    const order = { state: 'all', sort: 'created', direction: 'asc' } as const;
    return client.all(schema.pull, (rest, page) => rest.pulls.list({ ...client.at, ...order, ...page }));
  }
  const { id } = await github.me();
  if ('issueKey' in filter) return ourPullsFor(github, filter.issueKey);
  return (await pullsOfBranch(github, filter.branch)).filter(({ user }) => user.id === id);
}

/** Ours for an issue: by the marker, or by the name of a branch that still exists if somebody removed the marker. */
export async function ourPullsFor(github: GithubContext, issueKey: string): Promise<readonly schema.PullAnswer[]> {
  const me = await github.me();
  const key = pullKey(issueKey);
  const found = new Map<number, schema.PullAnswer>();
  for (const number of await github.authored.find(key, 'pull')) found.set(number, await readPull(github, number));
  const seen = new Set([...found.values()].map(({ head }) => head.ref));
  const branches = [...(await github.remote.tips([`millrace/${issueKey}-*`, `millrace/${issueKey}`])).keys()];
  for (const branch of branches.filter((each) => !seen.has(each))) {
    for (const each of await pullsOfBranch(github, branch)) {
      const isOurs = each.user.id === me.id && (keyOf(each, me) ?? key) === key;
      if (isOurs) found.set(each.number, each);
    }
  }
  return [...found.values()].toSorted(byNumber);
}

/** Changes what differs. @throws ForgeError `conflict` when a merged one is to be opened or closed. */
export async function editPull(github: GithubContext, number: number, edit: PullEdit): Promise<PullRequest> {
  const { client } = github;
  const me = await github.me();
  const now = await readPull(github, number);
  if (edit.state !== undefined && now.merged_at !== null) {
    throw new ForgeError('conflict', `#${number} is merged: it can be neither opened nor closed`);
  }
  const key = keyOf(now, me);
  const body = edit.body === undefined || key === null ? edit.body : marked(key, edit.body);
  const change = {
    ...(edit.title === undefined || edit.title === now.title ? {} : { title: edit.title }),
    ...(body === undefined || sameText(body, now.body) ? {} : { body }),
    ...(edit.state === undefined || edit.state === now.state ? {} : { state: edit.state }),
  };
  if (Object.keys(change).length === 0) return pullRequest(now, me);
  const at = { ...client.at, pull_number: number };
  return pullRequest(await client.ask(schema.pull, (rest) => rest.pulls.update({ ...at, ...change })), me);
}

/** The key of a pull request of ours; null: it has none or is not ours. */
export function keyOf({ user, body }: schema.PullAnswer, me: Account): string | null {
  return ourKey({ author: user, body }, me);
}

/** A pull request as all forges tell it; `me` decides whether it is ours. */
export function pullRequest(answer: schema.PullAnswer, me: Account): PullRequest {
  const { number, html_url, title, body, user, head, base, draft = false, mergeable } = answer;
  const state = answer.merged_at === null ? answer.state : 'merged';
  return {
    number,
    url: html_url,
    issueKey: issueKeyOf(keyOf(answer, me)),
    author: user,
    isDraft: draft,
    mergeable: typeof mergeable === 'boolean' ? (mergeable ? 'yes' : 'no') : 'unknown',
    title,
    body,
    state,
    branch: head.ref,
    head: head.sha,
    base: base.ref,
    mergeSha: state === 'merged' ? (answer.merge_commit_sha ?? null) : null, // of an open one it is a trial
  };
}

/** Whether its branch is in this repository, not a branch of the same name in a fork. */
function isOwn(client: GithubClient, { head }: schema.PullAnswer): boolean {
  const { owner, name } = client.place;
  return head.repo?.full_name.toLowerCase() === `${owner}/${name}`.toLowerCase();
}

function byNumber(one: { readonly number: number }, other: { readonly number: number }): number {
  return one.number - other.number;
}
