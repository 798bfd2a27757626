import type { Call } from './answer.ts';
import { commitNode, rollup } from './graphql-commit.ts';
import { connection, type Slice } from './graphql-refusal.ts';
import { mergeableState } from './mergeability.ts';
import { pullsOf, type PullIssue } from './pull.ts';
import type { AccountRecord, InlineRecord, IssueRecord } from './state.ts';
import { closedBy } from './tracking.ts';
import { nodeId, page } from './views.ts';
import type { World } from './world.ts';

export function userNode({ id, login }: AccountRecord): Record<string, unknown> {
  const isBot = login.endsWith('[bot]');
  return {
    __typename: isBot ? 'Bot' : 'User',
    id: nodeId('U', id),
    databaseId: id,
    login: isBot ? login.slice(0, -5) : login,
  };
}

function commonNode(issue: IssueRecord): Record<string, unknown> {
  return {
    number: issue.number,
    title: issue.title,
    body: issue.body,
    author: userNode(issue.author),
    createdAt: issue.createdAt,
    updatedAt: issue.updatedAt,
    closed: issue.state === 'closed',
    labels: (args: Slice) =>
      connection(
        issue.labels.map((name) => ({ __typename: 'Label', name })),
        args,
      ),
  };
}

export function issueNode(call: Call, issue: IssueRecord): Record<string, unknown> {
  const closers = (args: Slice & { readonly includeClosedPrs?: boolean | null }) => {
    const of = pullsOf(call.world).filter(
      (each) => closedBy(each.body).includes(issue.number) || issue.linked.includes(each.number),
    );
    const shown = of.filter(
      (each) => args.includeClosedPrs === true || each.state === 'open' || each.pull.merged !== null,
    );
    return connection(
      shown.map((each) => pullNode(call, each)),
      args,
    );
  };
  return {
    ...commonNode(issue),
    __typename: 'Issue',
    id: nodeId('I', issue.id),
    databaseId: issue.id,
    state: issue.state.toUpperCase(),
    stateReason: issue.stateReason?.toUpperCase() ?? null,
    url: page(call.world, `/issues/${issue.number}`),
    lastEditedAt: issue.editedAt,
    timelineItems: (args: Slice & { readonly itemTypes?: readonly string[] | null }) =>
      connection(renamesOf(issue, args.itemTypes), args),
    closedByPullRequestsReferences: closers,
  };
}

/** @throws Error for other kinds of a timeline: the fake tells none of them by GraphQL. */
function renamesOf({ events }: IssueRecord, kinds: readonly string[] | null | undefined): readonly unknown[] {
  if (kinds?.join() !== 'RENAMED_TITLE_EVENT') throw new Error('the fake knows timelineItems of renames alone');
  const renames = events.filter(({ event }) => event === 'renamed');
  return renames.map(({ createdAt, rename }) => ({
    __typename: 'RenamedTitleEvent',
    createdAt,
    previousTitle: rename?.from,
    currentTitle: rename?.to,
  }));
}

export function pullNode(call: Call, issue: PullIssue): Record<string, unknown> {
  const { world } = call;
  const { pull } = issue;
  const state = () => mergeableState(world, issue);
  const closes = () => closedBy(issue.body).flatMap((number) => world.state.issues.get(number) ?? []);
  return {
    ...commonNode(issue),
    __typename: 'PullRequest',
    id: nodeId('PR', issue.id),
    databaseId: pull.id,
    url: page(world, `/pull/${issue.number}`),
    state: pull.merged === null ? issue.state.toUpperCase() : 'MERGED',
    repository: { __typename: 'Repository', nameWithOwner: `${world.owner}/${world.name}` },
    isDraft: pull.isDraft,
    merged: pull.merged !== null,
    mergedAt: pull.merged?.at ?? null,
    mergeCommit: pull.merged === null ? null : commitNode(call, pull.merged.sha),
    headRefName: pull.branch,
    headRefOid: pull.head,
    baseRefName: pull.base,
    baseRefOid: pull.baseSha,
    isInMergeQueue: false,
    mergeQueueEntry: null,
    mergeable: async () => {
      const standing = await state();
      return standing === null || standing === 'unknown'
        ? 'UNKNOWN'
        : standing === 'dirty'
          ? 'CONFLICTING'
          : 'MERGEABLE';
    },
    mergeStateStatus: async () => (await state())?.toUpperCase() ?? 'UNKNOWN',
    autoMergeRequest: autoMergeNode(pull),
    statusCheckRollup: () => rollup(call, pull.head),
    commits: (args: Slice) =>
      connection([{ __typename: 'PullRequestCommit', commit: commitNode(call, pull.head) }], args),
    closingIssuesReferences: (args: Slice) =>
      connection(
        closes().map((each) => issueNode(call, each)),
        args,
      ),
    reviewThreads: (args: Slice) => connection(threadsOf(world, issue), args),
  };
}

function autoMergeNode({ autoMerge }: PullIssue['pull']): unknown {
  if (autoMerge === null) return null;
  const { by, method, title, message } = autoMerge;
  return {
    mergeMethod: method.toUpperCase(),
    enabledBy: userNode(by),
    enabledAt: new Date(0).toISOString(),
    commitHeadline: title,
    commitBody: message,
  };
}

/** Node id of the thread that an inline comment began. */
export function threadId(inline: InlineRecord): string {
  return nodeId('PRRT', inline.id);
}

function threadsOf(world: World, issue: PullIssue): readonly unknown[] {
  return issue.pull.inline.filter((each) => each.replyTo === null).map((each) => threadNode(world, issue, each));
}

export function threadNode(world: World, issue: PullIssue, root: InlineRecord): Record<string, unknown> {
  const comments = issue.pull.inline.filter((each) => each === root || each.replyTo === root.id);
  return {
    __typename: 'PullRequestReviewThread',
    id: threadId(root),
    isResolved: root.resolved,
    isOutdated: root.sha !== issue.pull.head,
    path: root.path,
    line: root.sha === issue.pull.head ? root.line : null,
    originalLine: root.line,
    diffSide: root.side,
    viewerCanResolve: true,
    viewerCanReply: true,
    comments: (args: Slice) =>
      connection(
        comments.map((each) => inlineNode(world, issue, each)),
        args,
      ),
  };
}

export function inlineNode(world: World, issue: PullIssue, inline: InlineRecord): Record<string, unknown> {
  return {
    __typename: 'PullRequestReviewComment',
    id: nodeId('PRRC', inline.id),
    databaseId: inline.id,
    fullDatabaseId: String(inline.id),
    body: inline.body,
    path: inline.path,
    author: userNode(inline.author),
    createdAt: inline.createdAt,
    url: page(world, `/pull/${issue.number}#discussion_r${inline.id}`),
  };
}
