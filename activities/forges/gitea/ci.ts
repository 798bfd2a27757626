import type { CreateStatusOption } from 'gitea-js';
import { foldCi, type CiCheck, type CiCheckState, type CiState } from '../../../workflows/domain/forge/ci.ts';
import { ForgeError } from '../../failure/forge-error.ts';
import type { CommitStatus } from '../forge.ts';
import { unless } from '../http/unless.ts';
import { fullSha } from '../pushed.ts';
import { branchAnswer, jobsAnswer, runsAnswer, statusesAnswer, type StatusAnswer } from './answers.ts';
import { segment } from './client.ts';
import { doneAnyway, type GiteaContext } from './context.ts';

/** GitHub's limit, also used here. */
const TEXT = 140;

/** Sets what a commit shows under one context. */
export async function setStatus(gitea: GiteaContext, sha: string, status: CommitStatus): Promise<void> {
  const path = `${gitea.client.repository}/statuses/${fullSha(sha)}`;
  const { context, state } = status;
  const description = status.text.slice(0, TEXT).replace(/[\uD800-\uDBFF]$/, '');
  const option = { context, state, description } satisfies CreateStatusOption;
  const isThere = async () => {
    const now = (await newest(gitea, sha)).find((each) => each.context === context);
    return now !== undefined && stateOf(now.status) === state && now.description === description;
  };
  await doneAnyway(() => gitea.client.post(path, option, 'write'), isThere);
}

/** Reads the newest status of each context of a commit. */
export async function readStatuses(gitea: GiteaContext, sha: string): Promise<readonly CommitStatus[]> {
  const found = await newest(gitea, sha);
  return found.map(({ context, status, description }) => ({ context, state: stateOf(status), text: description }));
}

/** Gitea Actions and others report by statuses. The combined state is never read: it covers one page only. */
export async function readCi(gitea: GiteaContext, sha: string, base: string): Promise<CiState> {
  const statuses = (await newest(gitea, sha)).filter(({ context }) => !context.startsWith('millrace/'));
  const required = await requiredOn(gitea, base);
  const jobs = statuses.some(isFailed) ? await jobsOf(gitea, sha) : new Map<string, string>();
  const checks = statuses.map((status): CiCheck => {
    const { context, target_url: target } = status;
    return {
      name: context,
      source: 'status',
      state: stateOf(status.status),
      required: required?.some((pattern) => isMatch(pattern, context)) ?? null,
      url: target === '' ? null : gitea.client.page(target),
      job: jobs.get(pathOf(target)) ?? null,
    };
  });
  const absent = (required ?? []).filter(
    (name) =>
      !/[*?[\]{}!\\]/.test(name) && !name.startsWith('millrace/') && !checks.some((check) => check.name === name),
  );
  const awaited = absent.map((name): CiCheck => {
    return { name, source: 'status', state: 'pending', required: true, url: null, job: null };
  });
  return foldCi(sha, [...checks, ...awaited]);
}

/** The end of a job's log; null: the job did not start, or this server gives out no logs. */
export async function readLog({ client }: GiteaContext, { job }: CiCheck, tailBytes: number): Promise<string | null> {
  const id = jobIn(job)?.job;
  if (id === undefined || tailBytes < 1) return null;
  try {
    return await client.text(`${client.repository}/actions/jobs/${id}/logs`, { bytes: tailBytes, end: 'tail' });
  } catch (error) {
    // 416: the log is empty.
    if (error instanceof ForgeError && (['not-found', 'unsupported'].includes(error.kind) || error.status === 416))
      return null;
    throw error;
  }
}

/** Starts the failed jobs of each run again; false: the server or the credential cannot. */
export async function rerunFailed(gitea: GiteaContext, checks: readonly CiCheck[]): Promise<boolean> {
  const runs = new Set(checks.flatMap(({ job }) => jobIn(job)?.run ?? []));
  let started = false;
  for (const run of runs) {
    try {
      await gitea.client.post(`${gitea.client.repository}/actions/runs/${run}/rerun-failed-jobs`, undefined, 'write');
      started = true;
    } catch (error) {
      if (!(error instanceof ForgeError) || !isImpossible(error)) throw error;
    }
  }
  return started;
}

/** Contexts that a rule of the branch requires, as patterns; null: Gitea does not tell. */
export async function requiredOn({ client }: GiteaContext, branch: string): Promise<readonly string[] | null> {
  const path = `${client.repository}/branches/${segment(branch)}`;
  const rule = await client.get(path, branchAnswer).catch(unless('not-found', 'forbidden'));
  if (!rule) return null;
  return rule.protected && rule.enable_status_check ? (rule.status_check_contexts ?? []) : [];
}

async function newest({ client }: GiteaContext, sha: string): Promise<readonly StatusAnswer[]> {
  const all = await client.list(`${client.repository}/commits/${fullSha(sha)}/status`, statusesAnswer);
  const byContext = new Map<string, StatusAnswer>();
  for (const status of all.toSorted((a, b) => a.id - b.id)) byContext.set(status.context, status);
  return [...byContext.values()];
}

/** Ids of a commit's jobs by the path of their pages: what a status links to differs between Gitea versions. */
async function jobsOf({ client }: GiteaContext, sha: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  try {
    for (const { id: run } of await client.list(`${client.repository}/actions/runs?head_sha=${sha}`, runsAnswer)) {
      for (const job of await client.list(`${client.repository}/actions/runs/${run}/jobs`, jobsAnswer))
        found.set(pathOf(job.html_url ?? ''), `${run}/${job.id}`);
    }
  } catch (error) {
    if (!(error instanceof ForgeError) || !isImpossible(error)) throw error; // CI is read without logs then
  }
  return found;
}

function isImpossible({ kind }: ForgeError): boolean {
  return ['not-found', 'unsupported', 'forbidden', 'read-only', 'invalid'].includes(kind);
}

function isFailed({ status }: StatusAnswer): boolean {
  return stateOf(status) === 'failure';
}

function stateOf(status: string): CiCheckState {
  switch (status) {
    case 'success':
    case 'skipped':
      return 'success';
    case 'pending':
      return 'pending';
    default:
      return 'failure'; // failure and error, and Gitea's `warning`, which stops a merge as well
  }
}

function jobIn(job: string | null): { readonly run: string; readonly job: string } | null {
  const [, run, id] = /^(\d{1,15})\/(\d{1,15})$/.exec(job ?? '') ?? [];
  return run && id ? { run, job: id } : null;
}

/** The path of a page, without the address that the server believes to be its own. */
function pathOf(url: string): string {
  return url.replace(/^https?:\/\/[^/]+/, '');
}

/** Matches Gitea's context patterns, where a star matches anything. */
function isMatch(pattern: string, context: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${source}$`, 's').test(context);
}
