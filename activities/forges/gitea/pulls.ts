import type { CreatePullRequestOption, EditPullRequestOption } from 'gitea-js';
import { ForgeError } from '../../failure/forge-error.ts';
import { keyIn, marked } from '../key.ts';
import type { Account } from '../account.ts';
import type { Ensured } from '../forge.ts';
import { staying, type PullDraft, type PullEdit, type PullFilter, type PullRequest } from '../pull.ts';
import type { Key } from '../key.ts';
import { issueKeyOf, ourKey } from '../http/marker.ts';
import { mustHaveWork } from '../pushed.ts';
import { pullAnswer, pullsAnswer, type PullAnswer } from './answers.ts';
import { numberSegment } from './client.ts';
import { createdOrFound, doneAnyway, type GiteaContext } from './context.ts';
import { isDuplicateKey, retireDuplicate } from './duplicate.ts';
import { titleOf } from './text.ts';

/** Reads a pull request by its number. */
export async function readPull(gitea: GiteaContext, number: number): Promise<PullRequest> {
  const { client } = gitea;
  const me = await gitea.me();
  return pullOf(await client.get(`${client.repository}/pulls/${numberSegment(number)}`, pullAnswer), me);
}

/** In all states, oldest first; we filter ourselves, since Gitea cannot filter by branch. */
export async function listPulls(gitea: GiteaContext, of: PullFilter): Promise<readonly PullRequest[]> {
  const me = await gitea.me();
  const all = of === 'all' ? await everybodys(gitea) : await ours(gitea);
  return all.map((pull) => pullOf(pull, me)).filter((pull) => isMatching(pull, of));
}

/** Ours for an issue: by the marker, or by the branch if somebody removed the marker. */
export async function pullsOfIssue(gitea: GiteaContext, issueKey: string): Promise<readonly PullRequest[]> {
  const me = await gitea.me();
  const pulls = (await ours(gitea)).map((pull) => pullOf(pull, me));
  const isItsBranch = ({ branch, body }: PullRequest) =>
    keyIn(body) === null && branch.startsWith(`millrace/${issueKey}-`);
  return pulls.filter((pull) => pull.issueKey === issueKey || isItsBranch(pull));
}

/** Opens a pull request, or finds the one that carries its key. */
export async function ensurePull(gitea: GiteaContext, key: Key, draft: PullDraft): Promise<Ensured<PullRequest>> {
  const { client } = gitea;
  const body = marked(key, draft.body);
  const title = titleOf(draft.title);
  const look = () => settledPull(gitea, key, draft.branch);
  return gitea.alone(key, async () => {
    const found = await look();
    if (found) return { value: await retitled(gitea, found, { title, base: draft.base }), created: false };
    await mustHaveWork(gitea.connection.remote, draft);
    const option = { title, head: draft.branch, base: draft.base, body } satisfies CreatePullRequestOption;
    const made = await createdOrFound(() => client.post(`${client.repository}/pulls`, option), look);
    return { value: made.value, created: made.isOurs };
  });
}

/** Changes a pull request where it differs from what is wanted; its marker stays. @throws ForgeError `conflict` where a merged one would be opened or closed. */
export async function editPull(gitea: GiteaContext, number: number, edit: PullEdit): Promise<PullRequest> {
  const pull = await readPull(gitea, number);
  if (edit.state !== undefined && pull.state === 'merged')
    throw new ForgeError('conflict', `#${number} is merged: it can be neither opened nor closed`);
  const key = pull.author?.id === (await gitea.me()).id ? keyIn(pull.body) : null;
  const wanted = {
    ...(edit.title === undefined ? {} : { title: titleOf(edit.title) }),
    ...(edit.body === undefined ? {} : { body: key === null ? edit.body : marked(key, edit.body) }),
    ...(edit.state === undefined ? {} : { state: edit.state }),
  } satisfies EditPullRequestOption;
  return isAs(pull, wanted) ? pull : changed(gitea, number, wanted);
}

function isAs(pull: PullRequest, { title, body, state, base }: EditPullRequestOption): boolean {
  const pairs = [
    [title, pull.title],
    [body, pull.body],
    [state, pull.state],
    [base, pull.base],
  ];
  return pairs.every(([wanted, is]) => wanted === undefined || wanted === is);
}

/** The body is not rewritten with each push: writes are limited, and readers were notified of the first one. */
async function retitled(
  gitea: GiteaContext,
  pull: PullRequest,
  to: { title: string; base: string },
): Promise<PullRequest> {
  if (pull.state !== 'open' || (pull.title === to.title && pull.base === to.base)) return pull;
  return changed(gitea, pull.number, {
    ...(pull.title === to.title ? {} : { title: to.title }),
    ...(pull.base === to.base ? {} : { base: to.base }),
  });
}

async function changed(gitea: GiteaContext, number: number, option: EditPullRequestOption): Promise<PullRequest> {
  const path = `${gitea.client.repository}/pulls/${numberSegment(number)}`;
  await doneAnyway(
    () => gitea.client.patch(path, option),
    async () => isAs(await readPull(gitea, number), option),
  );
  return readPull(gitea, number);
}

/** Of several for the same work one stays; the others are closed and unmarked. */
async function settledPull(gitea: GiteaContext, key: Key, branch: string): Promise<PullRequest | null> {
  const { client } = gitea;
  const me = await gitea.me();
  const same = (await ours(gitea))
    .map((pull) => pullOf(pull, me))
    .filter((pull) => pull.branch === branch && (keyIn(pull.body) ?? key) === key);
  const kept = staying(same);
  for (const { number, state } of same) {
    if (!kept || state !== 'open' || number === kept.number) continue;
    await retireDuplicate(gitea, `${client.repository}/pulls/${number}`, kept.number);
  }
  return kept;
}

async function ours(gitea: GiteaContext): Promise<readonly PullAnswer[]> {
  const me = await gitea.me();
  const path = `${gitea.client.repository}/pulls?state=all&poster=${encodeURIComponent(me.login)}`;
  const all = counted(await gitea.client.list(path, pullsAnswer));
  return all.filter((pull) => pull.user.id === me.id && !isDuplicateKey(keyIn(pull.body)));
}

async function everybodys({ client }: GiteaContext): Promise<readonly PullAnswer[]> {
  return counted(await client.list(`${client.repository}/pulls?state=all`, pullsAnswer));
}

/** Each once: a pull request opened while pages are read moves the others down. */
function counted(pulls: readonly PullAnswer[]): readonly PullAnswer[] {
  const once = new Map(pulls.map((pull) => [pull.number, pull]));
  return [...once.values()].toSorted((a, b) => a.number - b.number);
}

function isMatching(pull: PullRequest, of: PullFilter): boolean {
  if (of === 'all') return true;
  return 'branch' in of ? pull.branch === of.branch : pull.issueKey === of.issueKey;
}

function pullOf(pull: PullAnswer, me: Account): PullRequest {
  return {
    number: pull.number,
    url: pull.html_url ?? null,
    issueKey: issueKeyOf(ourKey({ author: pull.user, body: pull.body }, me)),
    author: pull.user,
    isDraft: pull.draft ?? /^(wip:|\[wip\])/i.test(pull.title),
    // False means a conflict, an error, or that Gitea has not looked yet.
    mergeable: pull.mergeable === true ? 'yes' : 'unknown',
    title: pull.title,
    body: pull.body,
    state: pull.merged ? 'merged' : pull.state,
    branch: branchOf(pull),
    head: pull.head.sha,
    base: pull.base.ref,
    mergeSha: pull.merged ? (pull.merge_commit_sha ?? null) : null,
  };
}

/** The label keeps the name after the branch is gone; a fork's branch never counts as ours. */
function branchOf({ head, base }: PullAnswer): string {
  const name = head.label || head.ref;
  return head.repo_id === base.repo_id ? name : `${head.repo?.full_name ?? 'fork'}:${name}`;
}
