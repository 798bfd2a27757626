import { notFound, ok, page, Refusal, textOf, unprocessable, type Call, type Rule } from './answer.ts';
import { hunkAt, hunksOf } from './diffs.ts';
import { fireAutoMerges } from './merging.ts';
import { pullOf, pullsOf, type PullIssue } from './pull.ts';
import { inlineView, reviewView } from './review-view.ts';
import type { InlineRecord, ReviewRecord } from './state.ts';
import { checkBody, mention, writer } from './tracking.ts';

const states = { APPROVE: 'APPROVED', REQUEST_CHANGES: 'CHANGES_REQUESTED', COMMENT: 'COMMENTED' } as const;

const create: Rule = async (call) => {
  const { world, me } = call;
  const issue = pullOf(call);
  const { pull } = issue;
  const event = textOf(call.body, 'event') as keyof typeof states | undefined;
  const body = textOf(call.body, 'body') ?? '';
  const comments = (call.body['comments'] ?? []) as readonly Draft[];
  const sha = textOf(call.body, 'commit_id') ?? pull.head;
  checkBody('PullRequestReview', body);
  if (me.id === issue.author.id && event === 'APPROVE')
    throw unprocessable('Review Can not approve your own pull request');
  if (me.id === issue.author.id && event === 'REQUEST_CHANGES')
    throw unprocessable('Review Can not request changes on your own pull request');
  if (event === 'REQUEST_CHANGES' && body === '') throw unprocessable('Review Body can not be blank');
  if (event === 'COMMENT' && body === '' && comments.length === 0) throw unprocessable('Review Body can not be blank');
  if (pull.reviews.some((each) => each.author.id === me.id && each.state === 'PENDING')) {
    throw unprocessable('User can only have one pending review per pull request');
  }
  if (!(await world.objects.contains(pull.head, sha)))
    throw unprocessable('The commit_id is not part of the pull request');
  const review: ReviewRecord = {
    id: world.nextId(),
    author: me,
    body,
    state: event === undefined ? 'PENDING' : states[event],
    sha,
    submittedAt: world.now(),
  };
  const inline = await placed(call, issue, { review, drafts: comments });
  pull.reviews.push(review);
  pull.inline.push(...inline);
  issue.updatedAt = world.now();
  mention(world, issue, body);
  await fireAutoMerges(world);
  return ok(reviewView(world, issue, review));
};

interface Draft {
  readonly path: string;
  readonly body: string;
  readonly line?: number;
  readonly side?: string;
  readonly start_line?: number;
  readonly start_side?: string;
  readonly position?: number;
}

/** Inline comments at their places in the real diff. @throws Refusal for the first that has none; nothing is kept then. */
async function placed(
  { world, me }: Call,
  { pull }: PullIssue,
  { review, drafts }: { readonly review: ReviewRecord; readonly drafts: readonly Draft[] },
): Promise<readonly InlineRecord[]> {
  if (drafts.length === 0) return [];
  const hunks = await hunksOf(world, { ...pull, head: review.sha });
  return drafts.map((draft) => {
    if (draft.position !== undefined) throw new Error('the fake takes lines, not positions');
    const side = draft.side === 'LEFT' ? 'LEFT' : 'RIGHT';
    const ofFile = hunks.get(draft.path);
    if (ofFile === undefined) throw unprocessable('Path could not be resolved');
    const hunk = hunkAt(ofFile, side, draft.line ?? 0);
    if (hunk === undefined) throw unprocessable('Line could not be resolved');
    const start = draft.start_line;
    if (start !== undefined && hunkAt(ofFile, side, start) !== hunk)
      throw unprocessable('Start line could not be resolved');
    checkBody('PullRequestReviewComment', draft.body);
    return {
      id: world.nextId(),
      review: review.id,
      author: me,
      path: draft.path,
      line: draft.line ?? 0,
      side,
      startLine: start ?? null,
      sha: review.sha,
      hunk: hunk.text.trimEnd(),
      replyTo: null,
      body: draft.body,
      resolved: false,
      createdAt: world.now(),
    };
  });
}

const createComment: Rule = async (call) => {
  const { world, me } = call;
  const issue = pullOf(call);
  const keys = ['path', 'body', 'line', 'side', 'start_line', 'start_side', 'position'];
  const draft = Object.fromEntries(keys.map((key) => [key, call.body[key]])) as unknown as Draft;
  const sha = textOf(call.body, 'commit_id') ?? issue.pull.head;
  const review: ReviewRecord = {
    id: world.nextId(),
    author: me,
    body: '',
    state: 'COMMENTED',
    sha,
    submittedAt: world.now(),
  };
  const [made] = await placed(call, issue, { review, drafts: [draft] });
  issue.pull.reviews.push(review);
  issue.pull.inline.push(made as InlineRecord);
  return ok(inlineView(world, issue, made as InlineRecord), 201);
};

/** A reply to the comment that began a thread; replies to replies are refused. */
export function addReply(
  call: Call,
  issue: PullIssue,
  reply: { readonly to: InlineRecord; readonly body: string },
): InlineRecord {
  const { world, me } = call;
  const { to, body } = reply;
  checkBody('PullRequestReviewComment', body);
  const review: ReviewRecord = {
    id: world.nextId(),
    author: me,
    body: '',
    state: 'COMMENTED',
    sha: issue.pull.head,
    submittedAt: world.now(),
  };
  const made: InlineRecord = {
    ...to,
    id: world.nextId(),
    review: review.id,
    author: me,
    replyTo: to.id,
    body,
    createdAt: world.now(),
  };
  issue.pull.reviews.push(review);
  issue.pull.inline.push(made);
  return made;
}

const reply: Rule = (call) => {
  const issue = pullOf(call);
  const to = issue.pull.inline.find((each) => each.id === Number(call.params['comment_id']));
  if (to === undefined) throw notFound();
  if (to.replyTo !== null)
    throw new Refusal(422, 'Validation Failed', {
      errors: [{ resource: 'PullRequestReviewComment', code: 'invalid', field: 'in_reply_to' }],
    });
  return ok(inlineView(call.world, issue, addReply(call, issue, { to, body: textOf(call.body, 'body') ?? '' })), 201);
};

const editComment: Rule = (call) => {
  for (const issue of pullsOf(call.world)) {
    const found = issue.pull.inline.find((each) => each.id === Number(call.params['comment_id']));
    if (found === undefined) continue;
    if (found.author.id !== call.me.id) writer(call.me);
    found.body = textOf(call.body, 'body') ?? '';
    return ok(inlineView(call.world, issue, found));
  }
  throw notFound();
};

const editReview: Rule = (call) => {
  const issue = pullOf(call);
  const found = issue.pull.reviews.find((each) => each.id === Number(call.params['review_id']));
  if (found === undefined) throw notFound();
  if (found.author.id !== call.me.id) throw new Refusal(403, 'Resource not accessible by personal access token');
  found.body = textOf(call.body, 'body') ?? '';
  return ok(reviewView(call.world, issue, found));
};

const listInline: Rule = (call) => {
  const issue = pullOf(call);
  const { sort = 'created', direction = 'asc', since } = call.query;
  if (sort !== 'created') throw new Error(`the fake does not sort review comments by ${sort}`);
  const after = since === undefined ? 0 : Date.parse(since);
  const up = issue.pull.inline.filter((each) => Date.parse(each.createdAt) >= after && !isPending(issue, each));
  const all = direction === 'desc' ? up.toReversed() : up;
  return page(
    call,
    all.map((each) => inlineView(call.world, issue, each)),
  );
};

function isPending({ pull }: PullIssue, { review }: InlineRecord): boolean {
  return pull.reviews.some((each) => each.id === review && each.state === 'PENDING');
}

const list: Rule = (call) => {
  const issue = pullOf(call);
  // Only its author sees a review that was not submitted.
  const seen = issue.pull.reviews.filter((each) => each.state !== 'PENDING' || each.author.id === call.me.id);
  return page(
    call,
    seen.map((each) => reviewView(call.world, issue, each)),
  );
};

export const reviewRules: Readonly<Record<string, Rule>> = {
  'pulls/create-review': create,
  'pulls/create-review-comment': createComment,
  'pulls/create-reply-for-review-comment': reply,
  'pulls/list-review-comments': listInline,
  'pulls/list-reviews': list,
  'pulls/update-review': editReview,
  'pulls/update-review-comment': editComment,
};
