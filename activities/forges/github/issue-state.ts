import { z } from 'zod';
import type { LiveIssue } from '../issue.ts';
import type { IssueIdentity } from '../identity.ts';
import { textHashOf } from '../key.ts';
import { closesIssue } from '../http/closing.ts';
import { unless } from '../http/unless.ts';
import type { GithubClient } from './api/client.ts';
import { linkedQuery } from './api/documents.ts';
import { isHere } from './same-repository.ts';
import { readIssueAnswer } from './issues.ts';
import type { GithubContext } from './context.ts';
import { ourPullsFor, pullRequest, readPull } from './pulls.ts';
import * as schema from './api/schema.ts';

const links = z.object({
  repository: z.object({
    issue: z.object({
      closedByPullRequestsReferences: z.object({
        nodes: z.array(z.object({ number: z.number(), repository: z.object({ nameWithOwner: z.string() }) })),
      }),
    }),
  }),
});

/** Live state of an issue, with our pull requests for it and those of others that close it. */
export async function readLiveIssue(github: GithubContext, issue: IssueIdentity): Promise<LiveIssue> {
  const me = await github.me();
  const ours = await ourPullsFor(github, issue.key);
  if (issue.number === undefined) {
    const pulls = ours.map((each) => pullRequest(each, me));
    return { state: 'open', textHash: null, closedBecause: null, pulls };
  }
  const live = await readIssueAnswer(github.client, issue.number);
  const known = new Set(ours.map(({ number }) => number));
  const others = (await closersOf(github, issue.number)).filter((number) => !known.has(number));
  const foreign = await Promise.all(others.map((number) => readPull(github, number).catch(unless('not-found'))));
  const all = [...ours, ...foreign.filter((each) => each !== null)].toSorted((a, b) => a.number - b.number);
  const pulls = all.map((each) => pullRequest(each, me));
  const merged = pulls.find(({ state }) => state === 'merged');
  // Somebody who opened it again wants more than what was merged.
  const isDone = live.state === 'closed' || (merged !== undefined && live.state_reason !== 'reopened');
  const because = merged
    ? `pull request #${merged.number} was merged`
    : `closed as ${(live.state_reason ?? 'completed').replaceAll('_', ' ')} on GitHub`;
  return {
    state: isDone ? 'closed' : 'open',
    textHash: textHashOf(live),
    closedBecause: isDone ? because : null,
    pulls,
  };
}

/** Pull requests of this repository that mention the issue with a closing word, or were linked to it by hand. */
async function closersOf({ client }: GithubContext, number: number): Promise<readonly number[]> {
  const entries = await client.all(schema.timelineEntry, (rest, page) =>
    rest.issues.listEventsForTimeline({ ...client.at, issue_number: number, ...page }),
  );
  const closers = entries.flatMap(({ event, source }) => {
    const from = event === 'cross-referenced' ? source?.issue : undefined;
    if (!from?.pull_request || !isHere(client, from.repository_url)) return [];
    return closesIssue(from.body, { number, place: client.place }) ? [from.number] : [];
  });
  // The event tells that something was linked, but not what: only then is another request needed.
  const linked = entries.some(({ event }) => event === 'connected') ? await linkedTo(client, number) : [];
  return [...new Set([...closers, ...linked])];
}

async function linkedTo(client: GithubClient, number: number): Promise<readonly number[]> {
  const query = { name: 'linked pull requests', document: linkedQuery, variables: { ...client.at, number } };
  const { issue } = (await client.graphql(links, query)).repository;
  const { owner, name } = client.place;
  const here = `${owner}/${name}`.toLowerCase();
  const { nodes } = issue.closedByPullRequestsReferences;
  return nodes.flatMap(({ number: pull, repository }) =>
    repository.nameWithOwner.toLowerCase() === here ? [pull] : [],
  );
}
