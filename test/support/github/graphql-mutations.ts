import type { Call } from './answer.ts';
import { inlineNode, pullNode, threadId, threadNode, userNode } from './graphql-pull.ts';
import { GraphqlRefusal } from './graphql-refusal.ts';
import { standing } from './mergeability.ts';
import { fireAutoMerges } from './merging.ts';
import { pullsOf, type PullIssue } from './pull.ts';
import { addReply } from './reviews.ts';
import type { InlineRecord, MergeMethod } from './state.ts';
import { nodeId } from './views.ts';
import { mayWrite } from './world.ts';

type Input<T> = { readonly input: T & { readonly clientMutationId?: string | null } };

interface EnableInput {
  readonly pullRequestId: string;
  readonly expectedHeadOid?: string | null;
  readonly mergeMethod?: string | null;
  readonly commitHeadline?: string | null;
  readonly commitBody?: string | null;
}

/** The changes that are made by GraphQL. */
export function mutations(call: Call): Record<string, unknown> {
  const { world, me } = call;
  const answer = (facts: Record<string, unknown>) => ({ clientMutationId: null, actor: userNode(me), ...facts });
  const onPull = (id: string) => {
    const found = pullsOf(world).find((each) => nodeId('PR', each.id) === id);
    if (found === undefined)
      throw new GraphqlRefusal('NOT_FOUND', `Could not resolve to a node with the global id of '${id}'`);
    if (!mayWrite(me))
      throw new GraphqlRefusal(
        'FORBIDDEN',
        `${me.login} does not have the correct permissions to execute this mutation`,
      );
    return found;
  };
  const onThread = (id: string) => {
    for (const issue of pullsOf(world)) {
      const root = issue.pull.inline.find((each) => each.replyTo === null && threadId(each) === id);
      if (root !== undefined) return { issue, root };
    }
    throw new GraphqlRefusal('NOT_FOUND', `Could not resolve to a node with the global id of '${id}'`);
  };
  const resolving =
    (to: boolean) =>
    ({ input }: Input<{ readonly threadId: string }>) => {
      const { issue, root } = onThread(input.threadId);
      mayResolve(call, issue, root);
      root.resolved = to;
      return answer({ thread: threadNode(world, issue, root) });
    };
  const drafting =
    (to: boolean) =>
    async ({ input }: Input<{ readonly pullRequestId: string }>) => {
      const issue = onPull(input.pullRequestId);
      issue.pull.isDraft = to;
      await fireAutoMerges(world);
      return answer({ pullRequest: pullNode(call, issue) });
    };
  return {
    resolveReviewThread: resolving(true),
    unresolveReviewThread: resolving(false),
    markPullRequestReadyForReview: drafting(false),
    convertPullRequestToDraft: drafting(true),
    async enablePullRequestAutoMerge({ input }: Input<EnableInput>) {
      const issue = onPull(input.pullRequestId);
      await enable(call, issue, input);
      return answer({ pullRequest: pullNode(call, issue) });
    },
    disablePullRequestAutoMerge({ input }: Input<{ readonly pullRequestId: string }>) {
      const issue = onPull(input.pullRequestId);
      if (issue.pull.autoMerge === null)
        throw new GraphqlRefusal('UNPROCESSABLE', "Can't disable auto-merge for this pull request.");
      issue.pull.autoMerge = null;
      return answer({ pullRequest: pullNode(call, issue) });
    },
    addPullRequestReviewThreadReply({
      input,
    }: Input<{ readonly pullRequestReviewThreadId: string; readonly body: string }>) {
      const { issue, root } = onThread(input.pullRequestReviewThreadId);
      return answer({ comment: inlineNode(world, issue, addReply(call, issue, { to: root, body: input.body })) });
    },
  };
}

/** Who may write, who opened the pull request, and who began the thread. */
function mayResolve({ me }: Call, issue: PullIssue, root: InlineRecord): void {
  if (mayWrite(me) || me.id === issue.author.id || me.id === root.author.id) return;
  throw new GraphqlRefusal('FORBIDDEN', 'Resource not accessible by personal access token');
}

async function enable({ world, me }: Call, issue: PullIssue, input: EnableInput): Promise<void> {
  const method = (input.mergeMethod ?? 'MERGE').toLowerCase() as MergeMethod;
  const refuse = (message: string): never => {
    throw new GraphqlRefusal('UNPROCESSABLE', message);
  };
  if (!world.settings.allowAutoMerge) refuse('Pull request Auto merge is not allowed for this repository');
  if (issue.state === 'closed') refuse('Pull request Pull request is closed');
  if (!world.settings.mergeMethods.includes(method))
    refuse(`Merge method ${method} merging is not allowed on this repository`);
  if (input.expectedHeadOid != null && input.expectedHeadOid !== issue.pull.head) {
    refuse('Head branch was modified. Review and try the merge again.');
  }
  const state = await standing(world, issue);
  if (state === 'clean' || state === 'unstable') refuse(`Pull request Pull request is in ${state} status`);
  if (state === 'draft') refuse('Pull request Pull request is in draft state');
  if (state === 'dirty') refuse('Pull request Pull request has merge conflicts');
  issue.pull.autoMerge = { by: me, method, title: input.commitHeadline ?? null, message: input.commitBody ?? null };
}
