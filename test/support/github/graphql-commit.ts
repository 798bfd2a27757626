import type { Call } from './answer.ts';
import { connection, GraphqlRefusal, type Slice } from './graphql-refusal.ts';
import { newestChecks, newestStatuses, reported, ruleOf } from './mergeability.ts';
import type { CheckRecord, StatusRecord } from './state.ts';
import { api, nodeId } from './views.ts';
import { jobPage } from './check-view.ts';

/** A commit with what CI says of it. */
export function commitNode(call: Call, sha: string): Record<string, unknown> {
  return {
    __typename: 'Commit',
    id: nodeId('C', 1),
    oid: sha,
    abbreviatedOid: sha.slice(0, 7),
    statusCheckRollup: () => rollup(call, sha),
  };
}

/** Null where nothing has reported. */
export function rollup(call: Call, sha: string): unknown {
  const { world, me } = call;
  if (me.scopes === null && !me.login.endsWith('[bot]'))
    throw new GraphqlRefusal('FORBIDDEN', 'Resource not accessible by personal access token');
  const all = reported(world, sha);
  if (all.length === 0) return null;
  const states = new Set(all.map((each) => each.state));
  const state = states.has('failure') ? 'FAILURE' : states.has('pending') ? 'PENDING' : 'SUCCESS';
  const contexts = [
    ...newestChecks(world, sha).map((each) => checkNode(call, each)),
    ...newestStatuses(world, sha).map((each) => statusNode(call, each)),
  ];
  return {
    __typename: 'StatusCheckRollup',
    id: nodeId('SCR', 1),
    state,
    contexts: (args: Slice) => connection(contexts, args),
  };
}

function isRequired({ world }: Call, name: string) {
  return ({ pullRequestNumber }: { readonly pullRequestNumber?: number | null }) => {
    const pull = world.state.issues.get(pullRequestNumber ?? 0)?.pull;
    if (pull == null)
      throw new GraphqlRefusal('UNPROCESSABLE', 'A pull request number is needed to tell what is required');
    return ruleOf(world, pull.base).requiredStatuses.includes(name);
  };
}

function checkNode(call: Call, check: CheckRecord): Record<string, unknown> {
  const { world } = call;
  const isActions = check.app === 'github-actions';
  return {
    __typename: 'CheckRun',
    id: nodeId('CR', check.id),
    databaseId: check.id,
    name: check.name,
    status: check.conclusion === null ? 'IN_PROGRESS' : 'COMPLETED',
    conclusion: check.conclusion === null ? null : check.conclusion.toUpperCase(),
    detailsUrl: jobPage(world, check),
    url: jobPage(world, check),
    startedAt: check.startedAt,
    completedAt: check.conclusion === null ? null : check.startedAt,
    isRequired: isRequired(call, check.name),
    checkSuite: {
      __typename: 'CheckSuite',
      databaseId: check.run,
      app: { __typename: 'App', slug: check.app, databaseId: isActions ? 15_368 : 99, name: check.app },
      workflowRun: isActions ? { __typename: 'WorkflowRun', databaseId: check.run } : null,
    },
  };
}

function statusNode(call: Call, status: StatusRecord): Record<string, unknown> {
  return {
    __typename: 'StatusContext',
    id: nodeId('SC', status.id),
    context: status.context,
    state: status.state.toUpperCase(),
    description: status.description,
    targetUrl: status.url,
    createdAt: status.createdAt,
    url: api(call.world, `/statuses/${status.sha}`),
    isRequired: isRequired(call, status.context),
  };
}
