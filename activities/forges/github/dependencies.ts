import type { IssueAddress, ToldBlockers } from '../issue.ts';
import { unless } from '../http/unless.ts';
import type { GithubClient } from './api/client.ts';
import { isHere, slugOf } from './same-repository.ts';
import * as schema from './api/schema.ts';

/** Open issues that block an issue. */
export async function listBlockers(client: GithubClient, number: number): Promise<ToldBlockers> {
  const open = ((await dependenciesOf(client, number)) ?? []).filter((each) => each.state === 'open');
  const [here, elsewhere] = [open.filter((each) => isHere(client, each.repository_url)), [] as string[]];
  for (const each of open) if (!here.includes(each)) elsewhere.push(`${slugOf(each.repository_url)}#${each.number}`);
  return { here: here.map((each) => each.number).toSorted((a, b) => a - b), elsewhere };
}

/** All issues that block one, closed ones too; null: this server keeps no dependencies. */
export function dependenciesOf(client: GithubClient, number: number): Promise<readonly schema.IssueAnswer[] | null> {
  const all = client.all(schema.issue, (rest, page) =>
    rest.issues.listDependenciesBlockedBy({ ...client.at, issue_number: number, ...page }),
  );
  return all.catch(unless('not-found'));
}

/** Whether an issue of any repository is open; null: we cannot see it, or it has moved. */
export async function isOpenElsewhere(client: GithubClient, at: IssueAddress): Promise<boolean | null> {
  const asked = client.ask(schema.issue, (rest) =>
    rest.issues.get({ owner: at.owner, repo: at.name, issue_number: at.number }),
  );
  const found = await asked.catch(unless('not-found', 'forbidden', 'invalid'));
  return found === null ? null : found.state === 'open';
}
