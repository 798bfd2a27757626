import type { EditIssueOption } from 'gitea-js';
import { textHashOf, type Closing, type IssueIdentity, type IssueState, type PullRequest } from '../forge.ts';
import { timelineAnswer } from './answers.ts';
import { numbered } from './client.ts';
import { commentText, ensureCommentOn } from './comments.ts';
import type { Desk } from './desk.ts';
import { readIssueOf } from './issues.ts';
import { pullsOfIssue, readPull } from './pulls.ts';

export async function readState(desk: Desk, identity: IssueIdentity): Promise<IssueState> {
  const ours = await pullsOfIssue(desk, identity.key);
  if (identity.number === undefined) return { state: 'open', textHash: null, closedBecause: null, pulls: ours };
  const { number } = identity;
  const issue = await readIssueOf(desk, number);
  const known = new Set(ours.map((pull) => pull.number));
  const others = (await mentions(desk, number)).filter((each) => !known.has(each));
  const foreign: PullRequest[] = [];
  for (const each of others) {
    const pull = await readPull(desk, each);
    if (closes(desk, pull, number)) foreign.push(pull);
  }
  const pulls = [...ours, ...foreign].toSorted((a, b) => a.number - b.number);
  const closedBecause = issue.state === 'open' ? null : await because(desk, identity, pulls);
  return { state: issue.state, textHash: textHashOf(issue), closedBecause, pulls };
}

/** Closes an issue and says why; a closed one keeps its first reason. */
export async function closeFor(desk: Desk, identity: IssueIdentity, closing: Closing): Promise<void> {
  const { number } = identity;
  if (number === undefined) return;
  await desk.alone(`close ${number}`, async () => {
    const issue = await readIssueOf(desk, number);
    if (issue.state === 'closed') return;
    // The reason first: a closed issue is not looked at again.
    await ensureCommentOn(desk, closingKey(identity), { number, body: closing.because });
    const path = `${desk.client.repository}/issues/${numbered(number)}`;
    await desk.client.patch(path, { state: 'closed' } satisfies EditIssueOption);
  });
}

async function because(desk: Desk, identity: IssueIdentity, pulls: readonly PullRequest[]): Promise<string> {
  const said = await commentText(desk, closingKey(identity), identity.number ?? 0);
  if (said) return said;
  const merged = pulls.find((pull) => pull.state === 'merged');
  return merged ? `pull request #${merged.number} was merged` : 'somebody closed it';
}

function closingKey({ key }: IssueIdentity): string {
  return `issue/${key}/closed`;
}

/** Pull requests of this repository that name the issue, as its timeline has them. */
async function mentions({ client, connection }: Desk, number: number): Promise<readonly number[]> {
  const here = nameOf(connection);
  const events = await client.list(`${client.repository}/issues/${numbered(number)}/timeline`, timelineAnswer);
  const named = events.flatMap(({ ref_issue: by }) => {
    const isHere = (by?.repository?.full_name.toLowerCase() ?? here) === here;
    return by?.pull_request && isHere ? [by.number] : [];
  });
  return [...new Set(named)].toSorted((a, b) => a - b);
}

/** Whether its words close the issue once it is merged. */
function closes({ connection }: Desk, { title, body }: PullRequest, number: number): boolean {
  const reference = new RegExp(
    `\\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\\s+([\\w./-]{0,200})[#!]${number}\\b`,
    'gi',
  );
  const found = [...`${title}\n${body}`.matchAll(reference)];
  return found.some(([, repository = '']) => ['', nameOf(connection)].includes(repository.toLowerCase()));
}

function nameOf({ place }: Desk['connection']): string {
  return `${place.owner}/${place.name}`.toLowerCase();
}
