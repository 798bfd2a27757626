import type { PullIssue } from './pull.ts';
import type { InlineRecord, ReviewRecord } from './state.ts';
import { api, association, nodeId, page, userView, view } from './views.ts';
import type { World } from './world.ts';

/** A review without its inline comments, as GitHub shows it. */
export function reviewView(world: World, issue: PullIssue, review: ReviewRecord): Record<string, unknown> {
  const html_url = page(world, `/pull/${issue.number}#pullrequestreview-${review.id}`);
  const pull_request_url = api(world, `/pulls/${issue.number}`);
  return view(world, 'pull-request-review', {
    id: review.id,
    node_id: nodeId('PRR', review.id),
    user: userView(world, review.author),
    body: review.body,
    state: review.state,
    html_url,
    pull_request_url,
    _links: { html: { href: html_url }, pull_request: { href: pull_request_url } },
    ...(review.state === 'PENDING' ? {} : { submitted_at: review.submittedAt }),
    commit_id: review.sha,
    author_association: association(world, review.author),
  });
}

/** One inline comment; `line` is gone once a push came after it. */
export function inlineView(world: World, issue: PullIssue, inline: InlineRecord): Record<string, unknown> {
  const html_url = page(world, `/pull/${issue.number}#discussion_r${inline.id}`);
  const pull_request_url = api(world, `/pulls/${issue.number}`);
  const url = api(world, `/pulls/comments/${inline.id}`);
  return view(world, 'pull-request-review-comment', {
    id: inline.id,
    node_id: nodeId('PRRC', inline.id),
    url,
    html_url,
    pull_request_url,
    _links: { self: { href: url }, html: { href: html_url }, pull_request: { href: pull_request_url } },
    pull_request_review_id: inline.review,
    user: userView(world, inline.author),
    body: inline.body,
    path: inline.path,
    ...(inline.sha === issue.pull.head ? { line: inline.line } : {}),
    original_line: inline.line,
    side: inline.side,
    start_line: inline.startLine,
    diff_hunk: inline.hunk,
    commit_id: issue.pull.head,
    original_commit_id: inline.sha,
    created_at: inline.createdAt,
    updated_at: inline.createdAt,
    author_association: association(world, inline.author),
    ...(inline.replyTo === null ? {} : { in_reply_to_id: inline.replyTo }),
  });
}
