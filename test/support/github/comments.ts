import { notFound, ok, page, textOf, type Call, type Rule } from './answer.ts';
import { issueOf } from './issues.ts';
import type { CommentRecord, IssueRecord } from './state.ts';
import { checkBody, mention, writer } from './tracking.ts';
import { commentView } from './views.ts';

const create: Rule = (call) => {
  const { world, me } = call;
  const issue = issueOf(call);
  const body = textOf(call.body, 'body') ?? '';
  checkBody('IssueComment', body);
  const at = world.now();
  const comment: CommentRecord = { id: world.nextId(), author: me, body, createdAt: at, updatedAt: at };
  issue.comments.push(comment);
  issue.updatedAt = at;
  mention(world, issue, body);
  return ok(commentView(world, issue, comment), 201);
};

function found({ world, params }: Call): { readonly issue: IssueRecord; readonly comment: CommentRecord } {
  const id = Number(params['comment_id']);
  for (const issue of world.state.issues.values()) {
    const comment = issue.comments.find((each) => each.id === id);
    if (comment !== undefined) return { issue, comment };
  }
  throw notFound();
}

const update: Rule = (call) => {
  const { issue, comment } = found(call);
  if (comment.author.id !== call.me.id) writer(call.me);
  const body = textOf(call.body, 'body') ?? '';
  checkBody('IssueComment', body);
  comment.body = body;
  comment.updatedAt = call.world.now();
  mention(call.world, issue, body);
  return ok(commentView(call.world, issue, comment));
};

const remove: Rule = (call) => {
  const { issue, comment } = found(call);
  if (comment.author.id !== call.me.id) writer(call.me);
  issue.comments.splice(issue.comments.indexOf(comment), 1);
  return { status: 204 };
};

/** Comments since a time, of one issue or of all. */
function listed(call: Call, issues: Iterable<IssueRecord>) {
  const { since } = call.query;
  const all = [...issues].flatMap((issue) => issue.comments.map((comment) => ({ issue, comment })));
  const after = since === undefined ? 0 : Date.parse(since);
  return all.filter(({ comment }) => Date.parse(comment.updatedAt) >= after);
}

const ofIssue: Rule = (call) =>
  page(
    call,
    listed(call, [issueOf(call)]).map(({ issue, comment }) => commentView(call.world, issue, comment)),
  );

const ofRepository: Rule = (call) => {
  const { sort = 'created', direction = 'asc' } = call.query;
  const time = ({ comment }: { readonly comment: CommentRecord }) =>
    Date.parse(sort === 'updated' ? comment.updatedAt : comment.createdAt);
  const up = listed(call, call.world.state.issues.values()).toSorted(
    (a, b) => time(a) - time(b) || a.comment.id - b.comment.id,
  );
  const all = direction === 'desc' ? up.toReversed() : up;
  return page(
    call,
    all.map(({ issue, comment }) => commentView(call.world, issue, comment)),
  );
};

export const commentRules: Readonly<Record<string, Rule>> = {
  'issues/create-comment': create,
  'issues/list-comments': ofIssue,
  'issues/list-comments-for-repo': ofRepository,
  'issues/update-comment': update,
  'issues/delete-comment': remove,
  'issues/get-comment': (call) => {
    const { issue, comment } = found(call);
    return ok(commentView(call.world, issue, comment));
  },
};
