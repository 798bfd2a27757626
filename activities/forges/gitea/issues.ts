import type { CreateIssueOption, IssueMeta } from 'gitea-js';
import { ForgeError } from '../../failure/forge-error.ts';
import { keyIn, marked } from '../key.ts';
import type { Ensured } from '../forge.ts';
import type {
  ForgeIssue,
  IssueAddress,
  IssueComment,
  IssueDraft,
  IssueQuery,
  LabelSetting,
  ToldBlockers,
} from '../issue.ts';
import type { Key } from '../key.ts';
import { commentsAnswer, issueAnswer, issuesAnswer, stateAnswer, timelineAnswer, type IssueAnswer } from './answers.ts';
import { numberSegment, segment } from './client.ts';
import { unless } from '../http/unless.ts';
import { createdOrFound, doneAnyway, type GiteaContext } from './context.ts';
import { labelIds } from './labels.ts';
import { retireDuplicate } from './duplicate.ts';
import { titleOf } from './text.ts';

/** Open issues that match a query, oldest first. We filter ourselves: Gitea silently ignores filters that it does not know. */
export async function listIssues({ client }: GiteaContext, query: IssueQuery): Promise<readonly ForgeIssue[]> {
  const all = await client.list(`${client.repository}/issues?state=open&type=issues`, issuesAnswer);
  const wanted = all.filter((issue) => !issue.pull_request && isWanted(issue, query));
  // An issue filed while pages are read moves the others down, so one comes twice.
  const once = new Map(wanted.map((issue) => [issue.number, issueOf(issue)]));
  return [...once.values()].toSorted((a, b) => a.number - b.number);
}

/** Reads an issue by its number. @throws ForgeError `not-found`, also where the number is a pull request's. */
export async function readIssueOf({ client }: GiteaContext, number: number): Promise<ForgeIssue> {
  const issue = await client.get(`${client.repository}/issues/${numberSegment(number)}`, issueAnswer);
  if (issue.pull_request) throw new ForgeError('not-found', `#${number} is a pull request, not an issue`);
  return issueOf(issue);
}

/** Without those that carry our marker: a person may use the same account. All come in one answer, whatever its length. */
export async function listComments(gitea: GiteaContext, number: number): Promise<readonly IssueComment[]> {
  const { client } = gitea;
  const me = await gitea.me();
  const all = await client.get(`${client.repository}/issues/${numberSegment(number)}/comments`, commentsAnswer);
  return all
    .filter(({ user, body }) => user.id !== me.id || keyIn(body) === null)
    .map(({ id, user, body, updated_at }) => ({ id: String(id), author: user, body, updatedAt: updated_at }));
}

/** Closed blockers stay in the list, and a blocker may be in another repository. */
export async function listBlockers({ client, connection }: GiteaContext, number: number): Promise<ToldBlockers> {
  const path = `${client.repository}/issues/${numberSegment(number)}/dependencies`;
  const { owner, name } = connection.place;
  const here = `${owner}/${name}`.toLowerCase();
  const open = (await client.list(path, issuesAnswer)).filter(({ state }) => state === 'open');
  const isHere = ({ repository }: IssueAnswer) => (repository?.full_name.toLowerCase() ?? here) === here;
  return {
    here: open.filter(isHere).map((issue) => issue.number),
    elsewhere: open.filter((each) => !isHere(each)).map((each) => `${each.repository?.full_name}#${each.number}`),
  };
}

/** Whether an issue of any repository is open; null: we cannot see it, or it has moved. */
export async function isOpenElsewhere({ client }: GiteaContext, at: IssueAddress): Promise<boolean | null> {
  const path = `/repos/${segment(at.owner)}/${segment(at.name)}/issues/${numberSegment(at.number)}`;
  const found = await client.get(path, stateAnswer).catch(unless('not-found', 'forbidden', 'invalid'));
  return found === null ? null : found.state === 'open';
}

/** Who last set each label that is there now, and when. */
export async function listLabelSetters({ client }: GiteaContext, number: number): Promise<readonly LabelSetting[]> {
  const path = `${client.repository}/issues/${numberSegment(number)}`;
  const { labels } = await client.get(path, issueAnswer);
  const events = await client.list(`${path}/timeline`, timelineAnswer);
  const setters = new Map<number, LabelSetting>();
  for (const { type, label, body, user, created_at: at } of events) {
    if (type === 'label' && label && body === '1') setters.set(label.id, { label: label.name, by: user, at });
  }
  return (labels ?? []).flatMap(({ id }) => setters.get(id) ?? []);
}

/** Creates an issue, or finds the one that carries its key. */
export async function ensureIssue(gitea: GiteaContext, key: Key, draft: IssueDraft): Promise<Ensured<ForgeIssue>> {
  const body = marked(key, draft.body);
  return gitea.alone(key, async () => {
    const found = await settledIssue(gitea, key);
    const create = async () => {
      const labels = await labelIds(gitea, draft.labels);
      const option = { title: titleOf(draft.title), body, labels: [...labels] } satisfies CreateIssueOption;
      await gitea.client.post(`${gitea.client.repository}/issues`, option);
    };
    const made = found ? null : await createdOrFound(create, () => settledIssue(gitea, key));
    const value = found ?? made!.value;
    await blockBy(gitea, value.number, draft.blockedBy);
    return { value, created: made?.isOurs ?? false };
  });
}

/** Ours with that key; of several the first stays, and the others are closed. */
async function settledIssue(gitea: GiteaContext, key: Key): Promise<ForgeIssue | null> {
  const { client } = gitea;
  const me = await gitea.me();
  const path = `${client.repository}/issues?state=all&type=issues&created_by=${encodeURIComponent(me.login)}`;
  const all = (await client.list(path, issuesAnswer)).map(issueOf);
  const ours = all
    .filter((issue) => issue.author.id === me.id && keyIn(issue.body) === key)
    .toSorted((a, b) => a.number - b.number);
  const [kept, ...others] = ours;
  for (const { number } of others) {
    if (kept) await retireDuplicate(gitea, `${client.repository}/issues/${number}`, kept.number);
  }
  return kept ?? null;
}

async function blockBy(gitea: GiteaContext, number: number, blockers: readonly number[]): Promise<void> {
  const { client, connection } = gitea;
  // Gitea accepts an issue that blocks itself, and then never lets it be closed.
  const wanted = [...new Set(blockers)].filter((blocker) => blocker !== number);
  if (wanted.length === 0) return;
  const path = `${client.repository}/issues/${numberSegment(number)}/dependencies`;
  const listed = async () => new Set((await client.list(path, issuesAnswer)).map((issue) => issue.number));
  const known = await listed();
  const { owner, name: repo } = connection.place;
  for (const index of wanted.filter((blocker) => !known.has(blocker))) {
    // A repeated dependency and a circle are both a 500 without words.
    const block = () => client.post(path, { index, owner, repo } satisfies IssueMeta, 'write');
    await doneAnyway(block, async () => (await listed()).has(index));
  }
}

function isWanted(issue: IssueAnswer, { labels, milestone, assignee, search }: IssueQuery): boolean {
  const names = new Set((issue.labels ?? []).map(({ name }) => name.toLowerCase()));
  const words = (search ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  const text = `${issue.title}\n${issue.body}`.toLowerCase();
  return (
    labels.every((label) => names.has(label.toLowerCase())) &&
    (milestone === null || issue.milestone?.title === milestone) &&
    (assignee === null ||
      (issue.assignees ?? []).some(({ login }) => login.toLowerCase() === assignee.toLowerCase())) &&
    words.every((word) => text.includes(word))
  );
}

function issueOf(issue: IssueAnswer): ForgeIssue {
  return {
    number: issue.number,
    title: issue.title,
    body: issue.body,
    state: issue.state,
    labels: (issue.labels ?? []).map(({ name }) => name),
    author: issue.user,
    createdAt: issue.created_at,
    url: issue.html_url ?? null,
  };
}
