import { page, Refusal, type Call, type Rule } from './answer.ts';
import type { IssueRecord } from './state.ts';
import { issueView } from './views.ts';
import type { World } from './world.ts';

/** The filters of a list of issues; pull requests are among them, as on GitHub. */
export function findIssues({ world, query }: Call): readonly IssueRecord[] {
  const { state = 'open', labels, milestone, assignee, creator, since, sort = 'created', direction = 'desc' } = query;
  const wanted = (labels ?? '').split(',').filter((each) => each !== '');
  const found = [...world.state.issues.values()].filter(
    (issue) =>
      (state === 'all' || issue.state === state) &&
      wanted.every((label) => hasLabel(issue, label)) &&
      matchesMilestone(issue, milestone) &&
      matchesAssignee(issue, assignee) &&
      (creator === undefined || sameLogin(issue.author.login, creator)) &&
      (since === undefined || Date.parse(issue.updatedAt) >= Date.parse(since)),
  );
  return sorted(found, sort, direction);
}

function hasLabel(issue: IssueRecord, label: string): boolean {
  return issue.labels.some((each) => each.toLowerCase() === label.toLowerCase());
}

function sameLogin(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function matchesMilestone(issue: IssueRecord, milestone: string | undefined): boolean {
  if (milestone === undefined) return true;
  if (milestone === '*') return issue.milestone !== null;
  if (milestone === 'none') return issue.milestone === null;
  if (!/^\d+$/.test(milestone)) {
    const errors = [{ value: milestone, resource: 'Issue', field: 'milestone', code: 'invalid' }];
    throw new Refusal(422, 'Validation Failed', { errors });
  }
  return issue.milestone === Number(milestone);
}

function matchesAssignee(issue: IssueRecord, assignee: string | undefined): boolean {
  if (assignee === undefined) return true;
  if (assignee === '*') return issue.assignees.length > 0;
  if (assignee === 'none') return issue.assignees.length === 0;
  return issue.assignees.some((each) => sameLogin(each.login, assignee));
}

function sorted(issues: readonly IssueRecord[], by: string, direction: string): readonly IssueRecord[] {
  const key = (issue: IssueRecord) => {
    if (by === 'updated') return Date.parse(issue.updatedAt);
    return by === 'comments' ? issue.comments.length : Date.parse(issue.createdAt);
  };
  const up = issues.toSorted((a, b) => key(a) - key(b) || a.number - b.number);
  return direction === 'asc' ? up : up.toReversed();
}

/** Words and qualifiers of a search. @throws Refusal for a qualifier that the fake does not know. */
function matcher(world: World, text: string): (issue: IssueRecord) => boolean {
  const tests = [...text.matchAll(/(-?)(?:(\w[\w-]*):)?(?:"((?:[^"\\]|\\.)*)"|(\S+))/g)].map(
    ([, not, name, quoted, bare]) => {
      const test = qualifier(world, name, quoted?.replace(/\\(.)/g, '$1') ?? bare ?? '');
      return (issue: IssueRecord) => test(issue) !== (not === '-');
    },
  );
  return (issue) => tests.every((test) => test(issue));
}

function qualifier(world: World, name: string | undefined, value: string): (issue: IssueRecord) => boolean {
  switch (name) {
    case undefined:
      return (issue) => textOf(issue).includes(value.toLowerCase());
    case 'repo':
      return () => sameLogin(value, `${world.owner}/${world.name}`);
    case 'is':
    case 'type':
    case 'state':
      return (issue) => kinds(issue).has(value);
    case 'label':
      return (issue) => value.split(',').some((each) => hasLabel(issue, each.replaceAll('"', '')));
    case 'author':
      return (issue) => sameLogin(issue.author.login, value);
    case 'assignee':
      return (issue) => issue.assignees.some((each) => sameLogin(each.login, value));
    case 'milestone':
      return (issue) => world.state.milestones.some((each) => each.title === value && each.number === issue.milestone);
    case 'head':
      return (issue) => issue.pull?.branch === value;
    case 'in':
    case 'sort':
      return () => true;
    default:
      throw new Refusal(422, 'Validation Failed', {
        errors: [{ message: `the fake does not know ${name}:`, resource: 'Search', field: 'q', code: 'invalid' }],
      });
  }
}

function textOf(issue: IssueRecord): string {
  return [issue.title, issue.body, ...issue.comments.map((each) => each.body)].join('\n').toLowerCase();
}

function kinds(issue: IssueRecord): ReadonlySet<string> {
  const kind = issue.pull === null ? ['issue'] : ['pr', 'pull-request'];
  return new Set([...kind, issue.state, ...(issue.pull?.merged == null ? [] : ['merged'])]);
}

const search: Rule = (call) => {
  const { world, query } = call;
  const matches = matcher(world, query['q'] ?? '');
  const { sort = 'created', order = 'desc', advanced_search: _ } = query;
  const known = [...world.state.issues.values()].filter((each) => each.indexed || !world.settings.searchLags);
  const found = sorted(known.filter(matches), sort, order).slice(0, 1000);
  const items = found.map((each) => {
    const { body, ...item } = issueView(world, each, 'issue-search-result-item');
    return body === null ? item : { ...item, body };
  });
  return page(call, items, (part) => ({
    total_count: found.length,
    incomplete_results: false,
    search_type: 'lexical',
    items: part,
  }));
};

export const searchRules: Readonly<Record<string, Rule>> = { 'search/issues-and-pull-requests': search };
