import pMap from 'p-map';
import type { ByNumbers, ByQuery, ForgeProblem } from '../../workflows/domain/forge/forge-question.ts';
import type { Forge } from '../forges/forge.ts';
import type { ForgeIssue } from '../forges/issue.ts';
import { unless } from '../forges/http/unless.ts';
import { Refused } from '../failure/refusal.ts';

/** Requests under way at once; how fast they go is up to the credential's pace. */
export const AT_ONCE = 8;

/** Most issues of one batch; more are added while it runs. */
const MOST_ISSUES = 10_000;

/** The issues that were asked for, in any state. @throws Refused where a number names no issue, or nothing was found. */
export async function candidatesOf(forge: Forge, by: ByNumbers | ByQuery): Promise<readonly ForgeIssue[]> {
  const found = by.kind === 'numbers' ? await byNumbers(forge, [...new Set(by.numbers)]) : await byQuery(forge, by);
  if (found.length <= MOST_ISSUES) return found;
  const what = `${found.length} issues are asked for; at most ${MOST_ISSUES} are one batch`;
  throw new Refused([
    { where: 'start-batch', what, mend: 'ask for fewer: `--limit`, `--milestone`, another `--label`' },
  ]);
}

async function byNumbers(forge: Forge, numbers: readonly number[]): Promise<readonly ForgeIssue[]> {
  const look = async (number: number) => {
    const issue = await forge.issue(number).catch(unless('not-found'));
    const isPull = issue === null && (await forge.pull(number).catch(unless('not-found'))) !== null;
    return { issue, problem: issue === null ? problemOf(number, isPull) : null };
  };
  const read = await pMap(numbers, look, { concurrency: AT_ONCE });
  const problems = read.flatMap(({ problem }) => problem ?? []);
  if (problems.length > 0) throw new Refused(problems);
  return read.flatMap(({ issue }) => issue ?? []);
}

function problemOf(number: number, isPull: boolean): ForgeProblem {
  const where = `#${number}`;
  if (isPull) {
    return {
      where,
      what: `#${number} is a pull request, not an issue`,
      mend: 'give the number of the issue that it is for',
    };
  }
  const mend =
    'correct the number, or the repository: `--repo OWNER/NAME`; a credential may also be too weak to see it';
  return { where, what: `there is no issue #${number}`, mend };
}

async function byQuery(forge: Forge, query: ByQuery): Promise<readonly ForgeIssue[]> {
  const { labels, milestone, search } = query;
  const assignee = query.assignee === '@me' ? (await forge.me()).login : query.assignee;
  const found = await forge.issues({ labels, milestone, assignee, search });
  if (found.length > 0) return found;
  const words = queryWords(query);
  const what = words === '' ? 'there is no open issue' : `no open issue has ${words}`;
  throw new Refused([{ where: 'start-batch', what, mend: 'look at the spelling, or ask for less at once' }]);
}

/** What a query asks for, in words; empty where it asks for all issues. */
export function queryWords({ labels, milestone, assignee, search }: ByQuery): string {
  const words = [
    ...labels.map((label) => `label ${label}`),
    ...(milestone === null ? [] : [`milestone ${milestone}`]),
    ...(assignee === null ? [] : [`assignee ${assignee}`]),
    ...(search === null ? [] : [`the words ${search}`]),
  ];
  return words.join(', ');
}
