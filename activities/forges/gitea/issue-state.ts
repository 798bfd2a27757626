import type { EditIssueOption } from 'gitea-js';
import type { LiveIssue } from '../issue.ts';
import type { IssueIdentity } from '../identity.ts';
import { textHashOf } from '../key.ts';
import { closesIssue } from '../http/closing.ts';
import { unless } from '../http/unless.ts';
import { timelineAnswer } from './answers.ts';
import { numberSegment } from './client.ts';
import { doneAnyway, type GiteaContext } from './context.ts';
import { readIssueOf } from './issues.ts';
import { pullsOfIssue, readPull } from './pulls.ts';

/** Live state of an issue, with our pull requests for it and those of others that close it. */
export async function readLiveIssue(gitea: GiteaContext, identity: IssueIdentity): Promise<LiveIssue> {
  const ours = await pullsOfIssue(gitea, identity.key);
  const { number } = identity;
  if (number === undefined) return { state: 'open', textHash: null, closedBecause: null, pulls: ours };
  const issue = await readIssueOf(gitea, number);
  const { mentions, wasReopened } = await historyOf(gitea, number);
  const known = new Set(ours.map((pull) => pull.number));
  const others = mentions.filter((each) => !known.has(each));
  const found = await Promise.all(others.map((each) => readPull(gitea, each).catch(unless('not-found'))));
  const { place } = gitea.connection;
  const foreign = found.filter((pull) => pull && closesIssue(`${pull.title}\n${pull.body}`, { number, place }));
  const pulls = [...ours, ...foreign.filter((pull) => pull !== null)].toSorted((a, b) => a.number - b.number);
  const merged = pulls.find((pull) => pull.state === 'merged');
  // Gitea leaves an issue open while another blocks it; whoever reopened one wants more than what was merged.
  const isDone = issue.state === 'closed' || (merged !== undefined && !wasReopened);
  const because = merged ? `pull request #${merged.number} was merged` : 'closed on Gitea';
  return {
    state: isDone ? 'closed' : 'open',
    textHash: textHashOf(issue),
    closedBecause: isDone ? because : null,
    pulls,
  };
}

/** Closes an issue; the reason stands in the status comment, since Gitea keeps none. @throws ForgeError `conflict` while another issue blocks it. */
export async function closeIssue(gitea: GiteaContext, number: number): Promise<void> {
  const isClosed = async () => (await readIssueOf(gitea, number)).state === 'closed';
  if (await isClosed()) return;
  const path = `${gitea.client.repository}/issues/${numberSegment(number)}`;
  await doneAnyway(() => gitea.client.patch(path, { state: 'closed' } satisfies EditIssueOption), isClosed);
}

/** Pull requests of this repository that name the issue, and whether somebody reopened it. */
async function historyOf({ client, connection }: GiteaContext, number: number) {
  const { owner, name } = connection.place;
  const here = `${owner}/${name}`.toLowerCase();
  const events = await client.list(`${client.repository}/issues/${numberSegment(number)}/timeline`, timelineAnswer);
  const named = events.flatMap(({ ref_issue: by }) => {
    const isHere = (by?.repository?.full_name.toLowerCase() ?? here) === here;
    return by?.pull_request && isHere ? [by.number] : [];
  });
  return { mentions: [...new Set(named)], wasReopened: events.some(({ type }) => type === 'reopen') };
}
