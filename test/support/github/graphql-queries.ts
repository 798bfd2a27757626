import type { Call } from './answer.ts';
import { commitNode } from './graphql-commit.ts';
import { issueNode, pullNode, userNode } from './graphql-pull.ts';
import { connection, GraphqlRefusal, type Slice } from './graphql-refusal.ts';
import { isPull, pullsOf } from './pull.ts';
import { nodeId, page } from './views.ts';

/** The questions that GraphQL is asked. */
export function queries(call: Call): Record<string, unknown> {
  const { world, me } = call;
  return {
    viewer: () => ({ ...userNode(me), __typename: 'User', login: me.login }), // a User even where it is a bot
    rateLimit: () => ({
      limit: 5000,
      remaining: 4990,
      used: 10,
      cost: 1,
      nodeCount: 1,
      resetAt: new Date(Date.now() + 3_600_000).toISOString(),
    }),
    repository({ owner, name }: { readonly owner: string; readonly name: string }) {
      const isOurs =
        owner.toLowerCase() === world.owner.toLowerCase() && name.toLowerCase() === world.name.toLowerCase();
      if (isOurs && !(world.settings.isPrivate && me.permission === 'none')) return repositoryNode(call);
      throw new GraphqlRefusal('NOT_FOUND', `Could not resolve to a Repository with the name '${owner}/${name}'.`);
    },
    node: ({ id }: { readonly id: string }) => nodeOf(call, id),
  };
}

function nodeOf(call: Call, id: string): unknown {
  const issue = [...call.world.state.issues.values()].find(
    (each) => nodeId(each.pull === null ? 'I' : 'PR', each.id) === id,
  );
  if (issue === undefined)
    throw new GraphqlRefusal('NOT_FOUND', `Could not resolve to a node with the global id of '${id}'`);
  return isPull(issue) ? pullNode(call, issue) : issueNode(call, issue);
}

function repositoryNode(call: Call): Record<string, unknown> {
  const { world, me } = call;
  const { settings } = world;
  return {
    __typename: 'Repository',
    id: nodeId('R', 424_242),
    databaseId: 424_242,
    name: world.name,
    nameWithOwner: `${world.owner}/${world.name}`,
    url: page(world),
    isPrivate: settings.isPrivate,
    isArchived: settings.isArchived,
    autoMergeAllowed: settings.allowAutoMerge,
    mergeCommitAllowed: settings.mergeMethods.includes('merge'),
    squashMergeAllowed: settings.mergeMethods.includes('squash'),
    rebaseMergeAllowed: settings.mergeMethods.includes('rebase'),
    deleteBranchOnMerge: settings.deleteBranchOnMerge,
    viewerPermission: me.permission === 'none' ? 'READ' : me.permission.toUpperCase(),
    mergeQueue: null,
    pullRequest({ number }: { readonly number: number }) {
      const found = world.state.issues.get(number);
      if (found !== undefined && isPull(found)) return pullNode(call, found);
      throw new GraphqlRefusal('NOT_FOUND', `Could not resolve to a PullRequest with the number of ${number}.`);
    },
    issue({ number }: { readonly number: number }) {
      const found = world.state.issues.get(number);
      if (found !== undefined && !isPull(found)) return issueNode(call, found);
      throw new GraphqlRefusal('NOT_FOUND', `Could not resolve to an Issue with the number of ${number}.`);
    },
    pullRequests: (
      args: Slice & { readonly headRefName?: string | null; readonly states?: readonly string[] | null },
    ) => {
      const nodes = pullsOf(world)
        .filter((each) => args.headRefName == null || each.pull.branch === args.headRefName)
        .map((each) => pullNode(call, each))
        .filter((each) => args.states == null || args.states.includes(each['state'] as string));
      return connection(nodes, args);
    },
    object: async ({ oid, expression }: { readonly oid?: string | null; readonly expression?: string | null }) => {
      const sha = await world.objects.commit(oid ?? expression ?? '');
      return sha === null ? null : commitNode(call, sha);
    },
  };
}
