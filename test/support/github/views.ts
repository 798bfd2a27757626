import type { AccountRecord, CommentRecord, EventRecord, IssueRecord, LabelRecord } from './state.ts';
import type { World } from './world.ts';

/** A value of a named schema: the smallest one, with these facts. */
export function view(world: World, schema: string, facts: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.assign(world.contract.minimal(schema), facts);
}

/** Address of the repository in the API. */
export function api(world: World, path = ''): string {
  return `${world.origin}/api/v3/repos/${world.owner}/${world.name}${path}`;
}

/** Address of the repository for people. */
export function page(world: World, path = ''): string {
  return `${world.origin}/${world.owner}/${world.name}${path}`;
}

export function nodeId(kind: string, id: number): string {
  return `${kind}_${Buffer.from(String(id)).toString('base64url')}`;
}

export function userView(world: World, account: AccountRecord): Record<string, unknown> {
  const { id, login } = account;
  const type = login.endsWith('[bot]') ? 'Bot' : 'User';
  const html_url = `${world.origin}/${login}`;
  return view(world, 'simple-user', { id, login, type, html_url, node_id: nodeId('U', id) });
}

export function labelView(world: World, name: string): Record<string, unknown> {
  const label = world.state.labels.get(name.toLowerCase()) as LabelRecord;
  const { id, color, description } = label;
  const url = api(world, `/labels/${encodeURIComponent(label.name)}`);
  return view(world, 'label', { id, name: label.name, color, description, url, node_id: nodeId('LA', id) });
}

export function milestoneView(world: World, number: number): Record<string, unknown> {
  const found = world.state.milestones.find((each) => each.number === number);
  return view(world, 'milestone', { ...found, state: 'open', creator: null });
}

/** An issue, or a pull request as issues see it. */
export function issueView(world: World, issue: IssueRecord, schema = 'issue'): Record<string, unknown> {
  const kind = issue.pull === null ? 'issues' : 'pull';
  const html_url = page(world, `/${kind}/${issue.number}`);
  const merged_at = issue.pull?.merged?.at ?? null;
  const pull = api(world, `/pulls/${issue.number}`);
  return view(world, schema, {
    id: issue.id,
    node_id: nodeId(issue.pull === null ? 'I' : 'PR', issue.id),
    number: issue.number,
    url: api(world, `/issues/${issue.number}`),
    html_url,
    repository_url: api(world),
    title: issue.title,
    body: issue.body === '' ? null : issue.body,
    user: userView(world, issue.author),
    state: issue.state,
    state_reason: issue.stateReason,
    labels: issue.labels.map((name) => labelView(world, name)),
    assignee: issue.assignees[0] === undefined ? null : userView(world, issue.assignees[0]),
    assignees: issue.assignees.map((each) => userView(world, each)),
    milestone: issue.milestone === null ? null : milestoneView(world, issue.milestone),
    locked: issue.locked,
    comments: issue.comments.length,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    author_association: association(world, issue.author),
    ...(issue.pull === null
      ? {}
      : {
          draft: issue.pull.isDraft,
          pull_request: {
            url: pull,
            html_url,
            diff_url: `${html_url}.diff`,
            patch_url: `${html_url}.patch`,
            merged_at,
          },
        }),
  });
}

export function association(world: World, { login, permission }: AccountRecord): string {
  if (login.toLowerCase() === world.owner.toLowerCase()) return 'OWNER';
  return permission === 'write' || permission === 'admin' ? 'COLLABORATOR' : 'NONE';
}

export function commentView(world: World, issue: IssueRecord, comment: CommentRecord): Record<string, unknown> {
  const kind = issue.pull === null ? 'issues' : 'pull';
  return view(world, 'issue-comment', {
    id: comment.id,
    node_id: nodeId('IC', comment.id),
    url: api(world, `/issues/comments/${comment.id}`),
    html_url: page(world, `/${kind}/${issue.number}#issuecomment-${comment.id}`),
    issue_url: api(world, `/issues/${issue.number}`),
    body: comment.body,
    user: userView(world, comment.author),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: association(world, comment.author),
  });
}

/** What every kind of event has in common. */
function eventFacts(world: World, event: EventRecord): Record<string, unknown> {
  return {
    id: event.id,
    node_id: nodeId('EV', event.id),
    url: api(world, `/issues/events/${event.id}`),
    actor: userView(world, event.actor),
    event: event.event,
    commit_id: event.commit ?? null,
    commit_url: event.commit === undefined ? null : api(world, `/commits/${event.commit}`),
    created_at: event.createdAt,
    performed_via_github_app: null,
  };
}

/** An event in the list of events, which knows nothing of cross-references. */
export function eventView(world: World, event: EventRecord): Record<string, unknown> {
  const facts = eventFacts(world, event);
  if (event.rename !== undefined) return view(world, 'renamed-issue-event', { ...facts, rename: event.rename });
  const label = event.label === undefined ? {} : { label: labelFacts(world, event.label) };
  return view(world, labelled(event) ? 'labeled-issue-event' : 'locked-issue-event', { ...facts, ...label });
}

/** An event in the timeline. */
export function timelineView(world: World, event: EventRecord): Record<string, unknown> {
  if (event.event !== 'cross-referenced') return eventView(world, event);
  const source = world.state.issues.get(event.source ?? 0) as IssueRecord;
  return view(world, 'timeline-cross-referenced-event', {
    event: event.event,
    actor: userView(world, event.actor),
    created_at: event.createdAt,
    updated_at: event.createdAt,
    source: { type: 'issue', issue: issueView(world, source) },
  });
}

/** A comment in the timeline. */
export function timelineComment(world: World, issue: IssueRecord, comment: CommentRecord): Record<string, unknown> {
  const actor = userView(world, comment.author);
  return {
    ...view(world, 'timeline-comment-event', {}),
    ...commentView(world, issue, comment),
    event: 'commented',
    actor,
  };
}

function labelled({ event }: EventRecord): boolean {
  return event === 'labeled' || event === 'unlabeled';
}

function labelFacts(world: World, name: string): Record<string, unknown> {
  const label = world.state.labels.get(name.toLowerCase());
  return { name, color: label?.color ?? 'ededed' };
}
