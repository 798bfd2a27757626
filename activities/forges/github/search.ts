import { z } from 'zod';
import { ForgeError } from '../../failure/forge-error.ts';
import type { IssueQuery } from '../issue.ts';
import type { GithubClient } from './api/client.ts';
import * as schema from './api/schema.ts';

/** Most results of one search on GitHub. */
const MOST = 1_000;

const page = z.object({ total_count: z.number(), incomplete_results: z.boolean(), items: z.array(schema.issue) });

/** Longest text of a search, without its qualifiers. */
const LONGEST = 256;

/** Open issues that contain all words of a text; the index lags, so every result is read again before work starts. */
export async function searchIssues(
  client: GithubClient,
  query: IssueQuery,
  text: string,
): Promise<readonly schema.IssueAnswer[]> {
  const { owner, name } = client.place;
  const q = [
    `repo:${owner}/${name} is:issue is:open`,
    wordsOf(text),
    ...query.labels.filter(isPlain).map((label) => `label:${quoted(label)}`),
    ...(query.milestone === null ? [] : [`milestone:${quoted(query.milestone)}`]),
    ...(query.assignee === null ? [] : [`assignee:${quoted(query.assignee)}`]),
  ].join(' ');
  const found: schema.IssueAnswer[] = [];
  const pages = client.pages(page, (rest, asked) =>
    rest.search.issuesAndPullRequests({ q, sort: 'created', order: 'asc', ...asked }),
  );
  for await (const { total_count, incomplete_results, items } of pages) {
    if (incomplete_results) throw new ForgeError('server', 'GitHub did not finish the search: try again');
    if (total_count > MOST) {
      const mend = `GitHub gives only ${MOST}: add a label, a milestone or more words`;
      throw new ForgeError('invalid', `${total_count} issues match the search; ${mend}`);
    }
    found.push(...items);
  }
  return found;
}

/** A quoted phrase cannot hold other names; those are filtered from the results, as labels are. */
function isPlain(label: string): boolean {
  return !/["\\,]/.test(label);
}

/** Quotes each word: all have to be there, in any order. @throws ForgeError `invalid` for none, and for too many. */
function wordsOf(text: string): string {
  const words = text.split(/[\s"\\\p{Cc}]+/u).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const all = words.map(quoted).join(' ');
  if (all !== '' && all.length <= LONGEST) return all;
  const what = all === '' ? 'no word' : `more than the ${LONGEST} characters that GitHub takes`;
  throw new ForgeError('invalid', `the search ${JSON.stringify(text.slice(0, 80))} has ${what}: write other words`);
}

/** One phrase: nothing in it is an operator of the search. */
function quoted(text: string): string {
  return `"${text.replace(/["\\\p{Cc}]+/gu, ' ').trim()}"`;
}
