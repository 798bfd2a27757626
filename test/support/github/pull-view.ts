import type { MergeableState } from './mergeability.ts';
import type { PullIssue } from './pull.ts';
import { api, association, issueView, milestoneView, page, nodeId, userView, view } from './views.ts';
import { accountOf, type World } from './world.ts';

/** A pull request as a list has it; with the state of its mergeability, as it is read by itself. */
export function pullView(world: World, issue: PullIssue, mergeable?: MergeableState | null): Record<string, unknown> {
  const { pull } = issue;
  const alone = mergeable === undefined ? {} : detail(world, issue, mergeable);
  return view(world, mergeable === undefined ? 'pull-request-simple' : 'pull-request', {
    ...shared(world, issue),
    ...links(world, issue),
    ...alone,
    ...autoMerge(world, pull),
  });
}

function shared(world: World, issue: PullIssue): Record<string, unknown> {
  const { pull } = issue;
  const asIssue = issueView(world, issue);
  const same = ['number', 'html_url', 'title', 'body', 'user', 'state', 'labels', 'assignee', 'assignees', 'locked'];
  return {
    ...Object.fromEntries(same.map((key) => [key, asIssue[key]])),
    id: pull.id,
    node_id: nodeId('PR', issue.id),
    milestone: issue.milestone === null ? null : milestoneView(world, issue.milestone),
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    merged_at: pull.merged?.at ?? null,
    merge_commit_sha: pull.merged?.sha ?? null,
    draft: pull.isDraft,
    author_association: association(world, issue.author),
    head: side(world, pull.branch, pull.head),
    base: side(world, pull.base, pull.baseSha),
  };
}

function side(world: World, ref: string, sha: string): Record<string, unknown> {
  const user = userView(world, ownerOf(world));
  return { label: `${world.owner}:${ref}`, ref, sha, user, repo: repositoryView(world) };
}

/** The owner of the repository: an organisation, unless an account has its name. */
function ownerOf(world: World) {
  const known = world.accounts.find((each) => each.login.toLowerCase() === world.owner.toLowerCase());
  return known ?? { ...accountOf(world, world.accounts[0]?.login ?? ''), id: 1, login: world.owner };
}

/** The repository as others refer to it. */
export function repositoryView(world: World, schema = 'repository'): Record<string, unknown> {
  return view(world, schema, {
    id: 424_242,
    node_id: nodeId('R', 424_242),
    name: world.name,
    full_name: `${world.owner}/${world.name}`,
    private: world.settings.isPrivate,
    owner: userView(world, ownerOf(world)),
    url: api(world),
    html_url: page(world),
    clone_url: page(world, '.git'),
    default_branch: 'main',
    archived: world.settings.isArchived,
    visibility: world.settings.isPrivate ? 'private' : 'public',
    has_issues: world.settings.hasIssues,
  });
}

function links(world: World, { number, pull }: PullIssue): Record<string, unknown> {
  const self = api(world, `/pulls/${number}`);
  const issue = api(world, `/issues/${number}`);
  const html = page(world, `/pull/${number}`);
  const statuses = api(world, `/statuses/${pull.head}`);
  const all = {
    self,
    html,
    issue,
    comments: `${issue}/comments`,
    commits: `${self}/commits`,
    statuses,
    review_comments: `${self}/comments`,
    review_comment: `${api(world)}/pulls/comments{/number}`,
  };
  return {
    _links: Object.fromEntries(Object.entries(all).map(([name, href]) => [name, { href }])),
    url: self,
    issue_url: issue,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    comments_url: all.comments,
    commits_url: all.commits,
    statuses_url: statuses,
    review_comments_url: all.review_comments,
    review_comment_url: all.review_comment,
  };
}

function autoMerge(world: World, { autoMerge: scheduled }: PullIssue['pull']): Record<string, unknown> {
  if (scheduled === null) return { auto_merge: null };
  const { by, method, title, message } = scheduled;
  return {
    auto_merge: {
      enabled_by: userView(world, by),
      merge_method: method,
      commit_title: title ?? '',
      commit_message: message ?? '',
    },
  };
}

function detail(world: World, { pull, comments }: PullIssue, state: MergeableState | null): Record<string, unknown> {
  return {
    merged: pull.merged !== null,
    merged_by: pull.merged === null ? null : userView(world, pull.merged.by),
    mergeable: state === null || state === 'unknown' || pull.merged !== null ? null : state !== 'dirty',
    mergeable_state: state ?? 'unknown',
    rebaseable: null,
    comments: comments.length,
    review_comments: pull.inline.length,
  };
}
