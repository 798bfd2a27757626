import { ForgeError } from '../../failure/forge-error.ts';
import type { Account } from '../account.ts';
import type { Ensured } from '../forge.ts';
import type { Closing } from '../issue.ts';
import { keyIn, marked } from '../key.ts';
import type { ForgeIssue, IssueComment, IssueDraft, IssueQuery } from '../issue.ts';
import type { Key } from '../key.ts';
import { ensureOne } from '../http/ensure.ts';
import { unless } from '../http/unless.ts';
import { inOrder } from '../../host/in-order.ts';
import type { AuthoredIndex } from './own-index.ts';
import type { GithubClient } from './api/client.ts';
import { dependenciesOf } from './dependencies.ts';
import { isHere } from './same-repository.ts';
import { makeLabels } from './labels.ts';
import * as schema from './api/schema.ts';
import { searchIssues } from './search.ts';

/** Open issues for which all of the query holds, oldest first. */
export async function listIssues(client: GithubClient, query: IssueQuery): Promise<readonly ForgeIssue[]> {
  const found = query.search === null ? await listed(client, query) : await searchIssues(client, query, query.search);
  return found
    .filter((issue) => !issue.pull_request && issue.state === 'open' && hasLabels(issue.labels, query.labels))
    .map(forgeIssue)
    .toSorted((a, b) => a.createdAt - b.createdAt || a.number - b.number);
}

async function listed(client: GithubClient, query: IssueQuery): Promise<readonly schema.IssueAnswer[]> {
  const { assignee } = query;
  const milestone = query.milestone === null ? null : await milestoneNumber(client, query.milestone);
  // A comma separates names in the query, so a name with a comma is filtered here only.
  const labels = query.labels.filter((name) => !name.includes(',')).join(',');
  return client.all(schema.issue, (rest, page) =>
    rest.issues.listForRepo({
      ...client.at,
      state: 'open',
      sort: 'created',
      direction: 'asc',
      ...(labels === '' ? {} : { labels }),
      ...(milestone === null ? {} : { milestone: String(milestone) }),
      ...(assignee === null ? {} : { assignee }),
      ...page,
    }),
  );
}

async function milestoneNumber(client: GithubClient, title: string): Promise<number> {
  const all = await client.all(schema.milestone, (rest, page) =>
    rest.issues.listMilestones({ ...client.at, state: 'all', ...page }),
  );
  const same = (each: { readonly title: string }) => each.title.toLowerCase() === title.toLowerCase();
  const known = all.find((each) => each.title === title) ?? all.find(same);
  if (known) return known.number;
  const names = all.slice(0, 20).map((each) => JSON.stringify(each.title));
  const has = names.length === 0 ? 'none' : names.join(', ');
  throw new ForgeError('not-found', `no milestone ${JSON.stringify(title.slice(0, 80))}; there is ${has}`);
}

/** One issue as GitHub has it. @throws ForgeError `not-found`, also for a pull request. */
export async function readIssueAnswer(client: GithubClient, number: number): Promise<schema.IssueAnswer> {
  if (!Number.isSafeInteger(number) || number < 1)
    throw new ForgeError('not-found', `no issue has the number ${number}`);
  const found = await client.ask(schema.issue, (rest) => rest.issues.get({ ...client.at, issue_number: number }));
  if (!found.pull_request) return found;
  throw new ForgeError('not-found', `#${number} is a pull request, not an issue`);
}

/** Oldest first, without those that carry our marker: a person may use the same account. */
export async function listComments(
  client: GithubClient,
  of: { readonly number: number; readonly me: Account },
): Promise<readonly IssueComment[]> {
  const all = await client.all(schema.comment, (rest, page) =>
    rest.issues.listComments({ ...client.at, issue_number: of.number, ...page }),
  );
  return all
    .filter(({ user, body }) => user.id !== of.me.id || keyIn(body) === null)
    .toSorted((a, b) => a.id - b.id)
    .map(({ id, user, body, updated_at }) => ({ id: String(id), author: user, body, updatedAt: updated_at }));
}

/** Finds or makes the one issue of a key, with its labels and its blockers. */
export function ensureIssue(
  client: GithubClient,
  authored: AuthoredIndex,
  task: { readonly key: Key; readonly draft: IssueDraft },
): Promise<Ensured<ForgeIssue>> {
  const { key, draft } = task;
  const body = marked(key, draft.body);
  const close = (number: number) =>
    client.ask(schema.issue, (rest) =>
      rest.issues.update({ ...client.at, issue_number: number, state: 'closed', state_reason: 'not_planned' }),
    );
  return inOrder(`${client.name} ${key}`, async () => {
    const { value, created } = await ensureOne({
      find: async () => {
        const numbers = await authored.find(key, 'issue');
        const read = (number: number) => readIssueAnswer(client, number).catch(unless('not-found')); // deleted since
        return (await Promise.all(numbers.map(read))).filter((each) => each !== null);
      },
      create: async () => {
        await makeLabels(client, draft.labels);
        const wanted = { title: draft.title, body, labels: [...draft.labels] };
        return client.ask(schema.issue, (rest) => rest.issues.create({ ...client.at, ...wanted }));
      },
      numberOf: (made) => made.number,
      retire: async (others) => {
        for (const other of others) if (other.state === 'open') await close(other.number);
      },
    });
    await block(client, value.number, draft.blockedBy);
    return { value: forgeIssue(value), created };
  });
}

async function block(client: GithubClient, number: number, blockers: readonly number[]): Promise<void> {
  if (blockers.length === 0) return;
  const known = await dependenciesOf(client, number);
  if (known === null) return;
  const has = new Set(known.filter((each) => isHere(client, each.repository_url)).map((each) => each.number));
  for (const blocker of new Set(blockers)) {
    if (has.has(blocker) || blocker === number) continue;
    const { id } = await readIssueAnswer(client, blocker);
    const at = { ...client.at, issue_number: number, issue_id: id };
    await client.ask(schema.anything, (rest) => rest.issues.addBlockedByDependency(at));
  }
}

/** Closes an issue that is still open; a reason that a person gave earlier stays. */
export async function closeIssue(client: GithubClient, number: number, { why }: Closing): Promise<void> {
  if ((await readIssueAnswer(client, number)).state === 'closed') return;
  const reason = why === 'completed' ? 'completed' : 'not_planned';
  await client.ask(schema.issue, (rest) =>
    rest.issues.update({ ...client.at, issue_number: number, state: 'closed', state_reason: reason }),
  );
}

/** An issue as all forges tell it. */
export function forgeIssue(answer: schema.IssueAnswer): ForgeIssue {
  const { number, title, body, state, labels, user, created_at, html_url } = answer;
  return { number, title, body, state, labels, author: user, createdAt: created_at, url: html_url };
}

function hasLabels(has: readonly string[], wanted: readonly string[]): boolean {
  const names = new Set(has.map((name) => name.toLowerCase()));
  return wanted.every((name) => names.has(name.toLowerCase()));
}
