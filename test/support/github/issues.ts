import { notFound, ok, page, Refusal, textOf, type Answer, type Call, type Rule } from './answer.ts';
import { findIssues } from './finding.ts';
import type { IssueRecord } from './state.ts';
import {
  addIssue,
  addLabels,
  checkBody,
  close,
  editText,
  mention,
  removeLabel,
  reopen,
  tooLong,
  writer,
} from './tracking.ts';
import { eventView, issueView, labelView, timelineComment, timelineView, userView } from './views.ts';
import { accountOf, mayWrite } from './world.ts';

/** The issue or pull request that the address names. @throws Refusal 404. */
export function issueOf({ world, params }: Call): IssueRecord {
  const found = world.state.issues.get(Number(params['issue_number'] ?? params['pull_number']));
  if (found === undefined) throw notFound();
  return found;
}

function create(call: Call): Answer {
  const { world, me, body } = call;
  const issue = addIssue(world, {
    title: textOf(body, 'title') ?? '',
    body: textOf(body, 'body') ?? '',
    author: me,
    pull: null,
  });
  change(call, issue);
  return ok(issueView(world, issue), 201);
}

/** What creating and editing have in common; a stranger's labels and assignees are dropped without a word. */
function change({ world, me, body }: Call, issue: IssueRecord): void {
  const [labels, assignees, milestone] = [body['labels'], body['assignees'], body['milestone']];
  if (!mayWrite(me)) return;
  if (Array.isArray(labels)) setLabels(issue, labels.map(nameOf));
  if (Array.isArray(assignees)) issue.assignees = assignees.map((each) => accountOf(world, nameOf(each)));
  if (milestone === null) issue.milestone = null;
  else if (milestone !== undefined) issue.milestone = milestoneOf(Number(milestone));

  function setLabels(of: IssueRecord, names: readonly string[]): void {
    const gone = of.labels.filter((each) => !names.some((name) => name.toLowerCase() === each.toLowerCase()));
    for (const name of gone) removeLabel(world, of, { actor: me, name });
    addLabels(world, of, { actor: me, names });
  }

  function milestoneOf(number: number): number {
    if (world.state.milestones.some((each) => each.number === number)) return number;
    const errors = [{ resource: 'Issue', field: 'milestone', code: 'invalid', value: number }];
    throw new Refusal(422, 'Validation Failed', { errors });
  }
}

/** A label or an account, by its name alone or as an object with one. */
function nameOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const { name, login } = value as { readonly name?: string; readonly login?: string };
  return name ?? login ?? '';
}

function update(call: Call): Answer {
  const { world, me, body } = call;
  const issue = issueOf(call);
  if (me.id !== issue.author.id) writer(me);
  editTexts(call, issue);
  const [state, reason] = [body['state'], body['state_reason']];
  if (state === 'closed') close(world, issue, { actor: me, reason: (reason ?? null) as IssueRecord['stateReason'] });
  if (state === 'open') reopen(world, issue, me);
  change(call, issue);
  issue.updatedAt = world.now();
  return ok(issueView(world, issue));
}

/** Title and body, where they are sent. */
export function editTexts({ world, me, body }: Call, issue: IssueRecord): void {
  const [title, text] = [textOf(body, 'title'), body['body'] === null ? '' : textOf(body, 'body')];
  if (title !== undefined && title.length > 256) throw tooLong('Issue', 'title', 256);
  if (text !== undefined) checkBody('Issue', text);
  editText(world, issue, { actor: me, title, body: text });
  if (text === undefined) return;
  mention(world, issue, text);
}

const list: Rule = (call) => {
  const found = findIssues(call);
  return page(
    call,
    found.map((each) => issueView(call.world, each)),
  );
};

const addLabelsTo: Rule = (call) => {
  const issue = issueOf(call);
  const { labels } = call.body;
  const names = (Array.isArray(labels) ? labels : []).map(nameOf);
  addLabels(call.world, issue, { actor: writer(call.me), names });
  return ok(issue.labels.map((name) => labelView(call.world, name)));
};

const removeLabelFrom: Rule = (call) => {
  const issue = issueOf(call);
  removeLabel(call.world, issue, { actor: writer(call.me), name: call.params['name'] ?? '' });
  return ok(issue.labels.map((name) => labelView(call.world, name)));
};

const timeline: Rule = (call) => {
  const issue = issueOf(call);
  const { world } = call;
  const events = issue.events.map((each) => ({ at: each.createdAt, id: each.id, view: timelineView(world, each) }));
  const comments = issue.comments.map((each) => ({
    at: each.createdAt,
    id: each.id,
    view: timelineComment(world, issue, each),
  }));
  const all = [...events, ...comments].toSorted((a, b) => a.id - b.id);
  return page(
    call,
    all.map((each) => each.view),
  );
};

const events: Rule = (call) => {
  const told = issueOf(call).events.filter((each) => each.event !== 'cross-referenced');
  return page(
    call,
    told.map((each) => eventView(call.world, each)),
  );
};

const addBlocker: Rule = (call) => {
  const issue = issueOf(call);
  writer(call.me);
  const id = Number(call.body['issue_id']);
  const blocker = [...call.world.state.issues.values()].find((each) => each.id === id);
  if (blocker === undefined) throw notFound();
  if (blocker === issue || issue.blockedBy.includes(blocker.number)) {
    throw new Refusal(422, 'Validation Failed', {
      errors: [{ resource: 'IssueDependency', code: 'invalid', field: 'issue_id' }],
    });
  }
  issue.blockedBy.push(blocker.number);
  return ok(issueView(call.world, blocker), 201);
};

const blockers: Rule = (call) => {
  const all = issueOf(call).blockedBy.map((number) => call.world.state.issues.get(number) as IssueRecord);
  return page(
    call,
    all.map((each) => issueView(call.world, each)),
  );
};

const removeBlocker: Rule = (call) => {
  const issue = issueOf(call);
  writer(call.me);
  const id = Number(call.params['issue_id']);
  const blocker = issue.blockedBy.map((number) => call.world.state.issues.get(number)).find((each) => each?.id === id);
  if (blocker === undefined) throw notFound();
  issue.blockedBy = issue.blockedBy.filter((number) => number !== blocker.number);
  return ok(issueView(call.world, issue));
};

const assign: Rule = (call) => {
  const issue = issueOf(call);
  writer(call.me);
  const names = (call.body['assignees'] as readonly string[] | undefined) ?? [];
  for (const login of names) {
    const account = accountOf(call.world, login);
    if (!issue.assignees.includes(account)) issue.assignees.push(account);
  }
  return ok(issueView(call.world, issue), 201);
};

const assignees: Rule = (call) => {
  const able = call.world.accounts.filter(mayWrite);
  return page(
    call,
    able.map((each) => userView(call.world, each)),
  );
};

export const issueRules: Readonly<Record<string, Rule>> = {
  'issues/create': create,
  'issues/get': (call) => ok(issueView(call.world, issueOf(call))),
  'issues/update': update,
  'issues/list-for-repo': list,
  'issues/add-labels': addLabelsTo,
  'issues/remove-label': removeLabelFrom,
  'issues/list-labels-on-issue': (call) =>
    page(
      call,
      issueOf(call).labels.map((name) => labelView(call.world, name)),
    ),
  'issues/list-events-for-timeline': timeline,
  'issues/list-events': events,
  'issues/add-blocked-by-dependency': addBlocker,
  'issues/list-dependencies-blocked-by': blockers,
  'issues/remove-dependency-blocked-by': removeBlocker,
  'issues/add-assignees': assign,
  'issues/list-assignees': assignees,
};
