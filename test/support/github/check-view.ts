import type { CheckRecord, StatusRecord } from './state.ts';
import { api, nodeId, page, userView, view } from './views.ts';
import { repositoryView } from './pull-view.ts';
import type { World } from './world.ts';

export function statusView(world: World, status: StatusRecord, schema = 'status'): Record<string, unknown> {
  return view(world, schema, {
    id: status.id,
    node_id: nodeId('SC', status.id),
    url: api(world, `/statuses/${status.sha}`),
    state: status.state,
    context: status.context,
    description: status.description,
    target_url: status.url,
    created_at: status.createdAt,
    updated_at: status.createdAt,
    ...(schema === 'status' ? { creator: userView(world, status.creator) } : {}),
  });
}

/** The combined status, which is `pending` where there is none at all. */
export function combinedView(
  world: World,
  sha: string,
  of: { readonly all: readonly StatusRecord[]; readonly part: readonly StatusRecord[] },
): Record<string, unknown> {
  const states = new Set(of.all.map((each) => (each.state === 'error' ? 'failure' : each.state)));
  const isGreen = of.all.length > 0 && !states.has('pending');
  return view(world, 'combined-commit-status', {
    sha,
    state: states.has('failure') ? 'failure' : isGreen ? 'success' : 'pending',
    total_count: of.all.length,
    statuses: of.part.map((each) => statusView(world, each, 'simple-commit-status')),
    repository: repositoryView(world, 'minimal-repository'),
    commit_url: api(world, `/commits/${sha}`),
    url: api(world, `/commits/${sha}/status`),
  });
}

/** Address of a job for people, from which its id can be read. */
export function jobPage(world: World, { run, id, app }: CheckRecord): string {
  return app === 'github-actions' ? page(world, `/actions/runs/${run}/job/${id}`) : page(world, `/runs/${id}`);
}

export function checkView(world: World, check: CheckRecord): Record<string, unknown> {
  const minimal = world.contract.minimal('check-run');
  const isActions = check.app === 'github-actions';
  return view(world, 'check-run', {
    id: check.id,
    node_id: nodeId('CR', check.id),
    head_sha: check.sha,
    name: check.name,
    url: api(world, `/check-runs/${check.id}`),
    html_url: jobPage(world, check),
    details_url: jobPage(world, check),
    status: check.conclusion === null ? 'in_progress' : 'completed',
    conclusion: check.conclusion,
    started_at: check.startedAt,
    completed_at: check.conclusion === null ? null : check.startedAt,
    output: { ...(minimal['output'] as object), annotations_count: 0, title: null, summary: null, text: null },
    check_suite: { id: check.run },
    app: view(world, 'nullable-integration', {
      id: isActions ? 15_368 : 99,
      slug: check.app,
      name: isActions ? 'GitHub Actions' : 'Other',
    }),
  });
}

export function jobView(world: World, check: CheckRecord): Record<string, unknown> {
  return view(world, 'job', {
    id: check.id,
    run_id: check.run,
    run_url: api(world, `/actions/runs/${check.run}`),
    run_attempt: check.attempt,
    node_id: nodeId('CR', check.id),
    head_sha: check.sha,
    head_branch: check.branch,
    url: api(world, `/actions/jobs/${check.id}`),
    html_url: jobPage(world, check),
    status: check.conclusion === null ? 'in_progress' : 'completed',
    conclusion: check.conclusion,
    created_at: check.startedAt,
    started_at: check.startedAt,
    completed_at: check.conclusion === null ? null : check.startedAt,
    name: check.name,
    workflow_name: 'CI',
    check_run_url: api(world, `/check-runs/${check.id}`),
  });
}

/** A run with the jobs that it has now. */
export function runView(world: World, jobs: readonly CheckRecord[]): Record<string, unknown> {
  const newest = [...new Map(jobs.map((each) => [each.name, each])).values()];
  const [first] = newest as [CheckRecord];
  const isDone = newest.every((each) => each.conclusion !== null);
  const isGreen = newest.every((each) => each.conclusion === 'success');
  return view(world, 'workflow-run', {
    id: first.run,
    name: 'CI',
    node_id: nodeId('WFR', first.run),
    head_branch: first.branch,
    head_sha: first.sha,
    event: 'push',
    run_attempt: Math.max(...newest.map((each) => each.attempt)),
    status: isDone ? 'completed' : 'in_progress',
    conclusion: isDone ? (isGreen ? 'success' : 'failure') : null,
    url: api(world, `/actions/runs/${first.run}`),
    html_url: page(world, `/actions/runs/${first.run}`),
    repository: repositoryView(world, 'minimal-repository'),
    head_repository: repositoryView(world, 'minimal-repository'),
    created_at: first.startedAt,
    updated_at: first.startedAt,
  });
}
