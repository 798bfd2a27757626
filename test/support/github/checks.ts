import { forbidden, notFound, ok, page, Refusal, textOf, type Answer, type Call, type Rule } from './answer.ts';
import { checkView, combinedView, jobView, runView, statusView } from './check-view.ts';
import { addStatus, runCi } from './ci.ts';
import { newestChecks, newestStatuses } from './mergeability.ts';
import { fireAutoMerges } from './merging.ts';
import type { CheckRecord, StatusRecord } from './state.ts';
import { tooLong, writer } from './tracking.ts';

/** The commit that an address names: a full id, or a branch. @throws Refusal 422. */
async function commitOf({ world, params }: Call): Promise<string> {
  const ref = params['ref'] ?? params['sha'] ?? params['commit_sha'] ?? '';
  const isFull = /^[0-9a-f]{40}$/.test(ref);
  const sha = await world.objects.commit(isFull ? ref : `refs/heads/${ref.replace(/^heads\//, '')}`);
  if (sha === null) throw new Refusal(422, `No commit found for SHA: ${ref}`);
  return sha;
}

const createStatus: Rule = async (call) => {
  const { world } = call;
  const creator = writer(call.me);
  const sha = await commitOf(call);
  const [context = 'default', description = null, url = null] = ['context', 'description', 'target_url'].map((key) =>
    textOf(call.body, key),
  );
  if ((description ?? '').length > 140) throw tooLong('Status', 'description', 140);
  if (world.state.statuses.filter((each) => each.sha === sha && each.context === context).length >= 1000) {
    throw new Refusal(422, 'Validation Failed', {
      errors: [{ message: 'This SHA and context has reached the maximum number of statuses.' }],
    });
  }
  const status = addStatus(world, {
    sha,
    context,
    state: call.body['state'] as StatusRecord['state'],
    description,
    url,
    creator,
  });
  await fireAutoMerges(world);
  return ok(statusView(world, status), 201);
};

const combined: Rule = async (call) => {
  const sha = await commitOf(call);
  const newest = newestStatuses(call.world, sha);
  return page(call, newest, (part) =>
    combinedView(call.world, sha, { all: newest, part: part as readonly StatusRecord[] }),
  );
};

const listStatuses: Rule = async (call) => {
  const sha = await commitOf(call);
  const all = call.world.state.statuses.filter((each) => each.sha === sha).toReversed();
  return page(
    call,
    all.map((each) => statusView(call.world, each)),
  );
};

const listChecks: Rule = async (call) => {
  const { world, query, me } = call;
  // A fine-grained token can not be given the right to read checks.
  if (me.scopes === null && !me.login.endsWith('[bot]')) throw forbidden();
  const sha = await commitOf(call);
  const { filter = 'latest', check_name: name, status, app_id: app } = query;
  if (status !== undefined || app !== undefined) throw new Error('the fake does not filter checks by status or app');
  const all = filter === 'all' ? world.state.checks.filter((each) => each.sha === sha) : newestChecks(world, sha);
  const found = all.filter((each) => name === undefined || each.name === name);
  return page(
    call,
    found.map((each) => checkView(world, each)),
    (part) => ({ total_count: found.length, check_runs: part }),
  );
};

function checkOf(call: Call, key: string): CheckRecord {
  const found = call.world.state.checks.find((each) => each.id === Number(call.params[key]));
  if (found === undefined) throw notFound();
  return found;
}

function jobOf(call: Call): CheckRecord {
  const found = checkOf(call, 'job_id');
  if (found.app !== 'github-actions') throw notFound();
  return found;
}

function jobsOf(call: Call): readonly CheckRecord[] {
  const of = call.world.state.checks.filter(
    (each) => each.run === Number(call.params['run_id']) && each.app === 'github-actions',
  );
  if (of.length === 0) throw notFound();
  return [...new Map(of.map((each) => [each.name, each])).values()];
}

/** A log lies elsewhere, behind a signed address: the token has no business there. */
const log: Rule = (call) => {
  const job = jobOf(call);
  if (job.conclusion === null) throw notFound();
  return { status: 302, headers: { location: `${call.world.logOrigin}/logs/${job.id}?sig=signed` } };
};

async function rerun(call: Call, checks: readonly CheckRecord[]): Promise<Answer> {
  writer(call.me);
  if (checks.some((each) => each.conclusion === null)) throw new Refusal(403, 'This workflow run is already running');
  for (const check of checks) await runCi(call.world, { branch: check.branch ?? '', sha: check.sha, again: check });
  await fireAutoMerges(call.world);
  return ok({}, 201);
}

const jobsOfRun: Rule = (call) => {
  const jobs = jobsOf(call);
  void call.query['filter'];
  return page(
    call,
    jobs.map((each) => jobView(call.world, each)),
    (part) => ({ total_count: jobs.length, jobs: part }),
  );
};

const runs: Rule = (call) => {
  const { head_sha: sha, branch, event, status } = call.query;
  if (event !== undefined || status !== undefined)
    throw new Error('the fake filters runs by head_sha and branch alone');
  const jobs = call.world.state.checks.filter((each) => each.app === 'github-actions');
  const wanted = jobs.filter(
    (each) => (sha === undefined || each.sha === sha) && (branch === undefined || each.branch === branch),
  );
  const byRun = new Map(wanted.map((each) => [each.run, wanted.filter(({ run }) => run === each.run)]));
  const all = [...byRun.values()].toReversed().map((each) => runView(call.world, each));
  return page(call, all, (part) => ({ total_count: all.length, workflow_runs: part }));
};

export const checkRules: Readonly<Record<string, Rule>> = {
  'repos/create-commit-status': createStatus,
  'repos/get-combined-status-for-ref': combined,
  'repos/list-commit-statuses-for-ref': listStatuses,
  'checks/list-for-ref': listChecks,
  'checks/get': (call) => ok(checkView(call.world, checkOf(call, 'check_run_id'))),
  'checks/rerequest-run': (call) => rerun(call, [checkOf(call, 'check_run_id')]),
  'actions/get-job-for-workflow-run': (call) => ok(jobView(call.world, jobOf(call))),
  'actions/download-job-logs-for-workflow-run': log,
  'actions/re-run-job-for-workflow-run': (call) => rerun(call, [jobOf(call)]),
  'actions/re-run-workflow-failed-jobs': (call) =>
    rerun(
      call,
      jobsOf(call).filter((each) => each.conclusion !== 'success'),
    ),
  'actions/list-jobs-for-workflow-run': jobsOfRun,
  'actions/list-workflow-runs-for-repo': runs,
  'actions/get-workflow-run': (call) => ok(runView(call.world, jobsOf(call))),
};
