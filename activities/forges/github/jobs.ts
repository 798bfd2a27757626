import type { CiCheck } from '../../../workflows/domain/forge/ci.ts';
import { ForgeError } from '../../failure/forge-error.ts';
import { ANSWER_MS } from '../http/connection.ts';
import { tailOf } from '../http/tail.ts';
import { unless } from '../http/unless.ts';
import type { GithubClient } from './api/client.ts';
import { movedError } from './api/errors.ts';
import * as schema from './api/schema.ts';

/** The end of a job's log; null: it has none, it is gone, or the token may not read it. */
export async function readLog(client: GithubClient, check: CiCheck, tailBytes: number): Promise<string | null> {
  const id = jobId(check);
  if (id === null) return null;
  const told = await client
    .answer((rest) => rest.actions.downloadJobLogsForWorkflowRun({ ...client.at, job_id: id }))
    .catch(unless('not-found', 'forbidden'));
  if (told === null) return null;
  const operation = `GET log of job ${id}`;
  const place = String(told.headers['location'] ?? '');
  if (told.status !== 302 || !URL.canParse(place)) throw movedError(told.status, operation);
  try {
    // A signed address of another server: the token is not for that one.
    const answer = await fetch(place, { signal: AbortSignal.timeout(ANSWER_MS) });
    if (answer.status === 404 || answer.status === 410) return null;
    if (!answer.ok || !answer.body)
      throw new ForgeError('server', `${operation}: ${answer.status}`, { operation, status: answer.status });
    return await tailOf(answer.body, tailBytes);
  } catch (error) {
    if (error instanceof ForgeError) throw error;
    throw new ForgeError('network', `${operation}: no answer: ${error instanceof Error ? error.message : ''}`, {
      operation,
    });
  }
}

/** Starts failed jobs again, those of one workflow run together: a run in progress accepts no second request. */
export async function rerunFailed(client: GithubClient, checks: readonly CiCheck[]): Promise<boolean> {
  const byRun = new Map<number, number[]>();
  for (const id of checks.flatMap((check) => jobId(check) ?? [])) {
    const job = await client
      .ask(schema.job, (rest) => rest.actions.getJobForWorkflowRun({ ...client.at, job_id: id }))
      .catch(unless('not-found', 'forbidden'));
    if (job) byRun.set(job.run_id, [...(byRun.get(job.run_id) ?? []), id]);
  }
  let started = false;
  for (const [run_id, jobs] of byRun) {
    const [job_id] = jobs;
    const again = client.ask(schema.anything, (rest) =>
      jobs.length === 1 && job_id !== undefined
        ? rest.actions.reRunJobForWorkflowRun({ ...client.at, job_id })
        : rest.actions.reRunWorkflowFailedJobs({ ...client.at, run_id }),
    );
    started = (await again.then(() => true, refused)) || started;
  }
  return started;
}

/** A run in progress was started by an earlier attempt whose answer was lost. */
function refused(error: unknown): boolean {
  const isUnderWay =
    error instanceof ForgeError && error.kind === 'forbidden' && /already running/i.test(error.message);
  return isUnderWay || unless('forbidden', 'not-found')(error) !== null;
}

function jobId({ job }: CiCheck): number | null {
  return job !== null && /^[1-9]\d{0,15}$/.test(job) ? Number(job) : null;
}
