import { foldCi, type CiCheck, type CiCheckState, type CiState } from '../../../workflows/domain/forge/ci.ts';
import { unless } from '../http/unless.ts';
import { fullSha } from '../pushed.ts';
import { gathered, type GithubClient } from './api/client.ts';
import { demandedBy } from './required.ts';
import * as schema from './api/schema.ts';
import { commitStatus, newestStatuses } from './statuses.ts';

type Found = Omit<CiCheck, 'required'>;

const passed: ReadonlySet<string> = new Set(['success', 'neutral', 'skipped']);

/** Check runs and statuses of a commit, without ours; each says whether a rule of the base requires it. */
export async function readCi(client: GithubClient, sha: string, base: string): Promise<CiState> {
  const ref = fullSha(sha);
  const [runs, statuses, demanded] = await Promise.all([
    checkRunsOf(client, ref),
    newestStatuses(client, ref),
    demandedBy(client, base),
  ]);
  const checks = runs ?? (await actionsJobsOf(client, ref));
  const isRequired = (name: string) => (demanded.checks.includes(name) ? true : demanded.complete ? false : null);
  const all = [...checks, ...statuses.map(fromStatus)].filter(({ name }) => !name.startsWith('millrace/'));
  const found = all.map((each): CiCheck => ({ ...each, required: isRequired(each.name) }));
  // Required checks that have not begun count as pending; a token that sees only half cannot tell which those are.
  const awaited = runs === null ? [] : demanded.checks.filter((name) => isAbsent(name, found)).map(expected);
  return foldCi(sha, [...found, ...awaited], runs !== null);
}

function isAbsent(name: string, found: readonly CiCheck[]): boolean {
  return !name.startsWith('millrace/') && !found.some((each) => each.name === name);
}

function expected(name: string): CiCheck {
  return { name, source: 'status', state: 'pending', required: true, url: null, job: null };
}

/** The newest run of each app and name; null: this kind of token may not read them. */
async function checkRunsOf(client: GithubClient, ref: string): Promise<readonly Found[] | null> {
  const pages = client.pages(schema.checkRuns, (rest, page) =>
    rest.checks.listForRef({ ...client.at, ref, filter: 'latest', ...page }),
  );
  const runs = await gathered(pages, ({ check_runs }) => check_runs).catch(unless('forbidden'));
  if (!runs) return null;
  return newestBy(runs, ({ app, name }) => `${app?.slug ?? ''}\n${name}`).map((run) => ({
    name: run.name,
    source: 'check',
    state: stateOf(run),
    url: run.html_url ?? run.details_url ?? null,
    job: run.app?.slug === 'github-actions' ? String(run.id) : null, // the one app whose runs are jobs of the same id
  }));
}

/** What a token sees of CI without the right to read checks: jobs of GitHub Actions, but not those of other apps. */
async function actionsJobsOf(client: GithubClient, head: string): Promise<readonly Found[]> {
  const pages = client.pages(schema.workflowRuns, (rest, page) =>
    rest.actions.listWorkflowRunsForRepo({ ...client.at, head_sha: head, ...page }),
  );
  const runs = await gathered(pages, ({ workflow_runs }) => workflow_runs).catch(unless('forbidden', 'not-found'));
  const jobs = await Promise.all((runs ?? []).map(({ id }) => jobsOfRun(client, id)));
  return newestBy(jobs.flat(), ({ name }) => name).map((job) => ({
    name: job.name,
    source: 'check',
    state: stateOf(job),
    url: job.html_url ?? null,
    job: String(job.id),
  }));
}

function jobsOfRun(client: GithubClient, run: number) {
  const pages = client.pages(schema.jobs, (rest, page) =>
    rest.actions.listJobsForWorkflowRun({ ...client.at, run_id: run, filter: 'latest', ...page }),
  );
  return gathered(pages, ({ jobs }) => jobs);
}

function newestBy<T extends { readonly id: number }>(all: readonly T[], nameOf: (each: T) => string): readonly T[] {
  return [...new Map(all.toSorted((a, b) => a.id - b.id).map((each) => [nameOf(each), each])).values()];
}

function stateOf(run: { readonly status: string; readonly conclusion?: string | null | undefined }): CiCheckState {
  if (run.status !== 'completed') return 'pending';
  return passed.has(run.conclusion ?? '') ? 'success' : 'failure';
}

function fromStatus(status: schema.StatusAnswer): Found {
  const { context: name, state } = commitStatus(status);
  return { name, source: 'status', state, url: status.target_url || null, job: null };
}
