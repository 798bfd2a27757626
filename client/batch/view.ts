import { WorkflowFailedError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import { readDocument } from '../state/document.ts';
import { createIssueReader, neverStarted, unstarted, type IssueRun, type IssueView } from './issue-view.ts';
import type { BatchStatus } from '../../workflows/domain/batch/batch.ts';
import type { IssueDocument } from '../../workflows/domain/issue.ts';
import { isSuccess } from '../../workflows/domain/outcome.ts';
import type { PlanDocument } from '../../workflows/domain/plan/plan.ts';
import { attributes, issueWorkflowId } from '../../workflows/ids.ts';
import { batchQuery } from '../../workflows/messages.ts';
import { batchHandle, batchInputOf } from '../../workflows/starts.ts';

/** Where a batch stands: over, at rest (what is left waits for a person), or going on. */
export interface BatchView {
  readonly batch: string;
  readonly repo: string;
  readonly state: 'running' | 'paused' | 'stopped' | 'at-rest' | 'done' | 'cancelled' | 'broken';
  readonly width: number;
  readonly landing: string;
  /** Review rounds that each issue has. */
  readonly rounds: number;
  readonly settings: string;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly costUsd: number;
  readonly issues: readonly IssueView[];
}

/** Reads batches from Temporal; keeps what cannot change any more, so that following one stays cheap. */
export interface BatchReader {
  /** @throws BatchUnknown */
  read(batch: string, options?: { readonly lastLines?: boolean }): Promise<BatchView>;
  /** Settles when the batch closes, by a call that waits on the server; never where that call breaks. */
  closed(batch: string): Promise<void>;
}

/** No batch of that name is known to the server. */
export class BatchUnknown extends Error {
  override readonly name = 'BatchUnknown';
}

/** Whether nothing more will happen by itself. */
export function isSettled(view: BatchView): boolean {
  const over =
    view.state === 'done' || view.state === 'at-rest' || view.state === 'cancelled' || view.state === 'broken';
  // An issue that a person resumed may go on after its batch.
  return over && view.issues.every((issue) => issue.outcome !== null || issue.runId === null);
}

/** Whether every issue ended as a success: exit code 0. What a stopped batch left lying is none. */
export function succeeded(view: BatchView): boolean {
  return view.issues.every(({ outcome, reason }) => outcome !== null && isSuccess(outcome) && reason !== neverStarted);
}

/** Builds a reader over one connection. */
export function createBatchReader(client: Client, stateRoot: string): BatchReader {
  const plans = new Map<string, readonly IssueDocument[]>();
  const reader = createIssueReader(client);

  async function planIssues(repo: string, sha256: string): Promise<readonly IssueDocument[]> {
    const known = plans.get(sha256);
    if (known) return known;
    const plan = await readDocument<PlanDocument>(stateRoot, { repo, sha256 });
    plans.set(sha256, plan.issues);
    return plan.issues;
  }

  return {
    closed: (batch) =>
      new Promise((resolve) => {
        const handle = batchHandle(client, batch);
        handle.result().then(
          () => resolve(),
          (error: unknown) => error instanceof WorkflowFailedError && resolve(), // cancelled, terminated
        );
      }),
    async read(batch, options = {}) {
      const handle = batchHandle(client, batch);
      const description = await handle.describe().catch(nullIfUnknown);
      if (description === null) throw new BatchUnknown(`no batch ${batch}: millrace status lists the batches`);
      const input = batchInputOf(description);
      const isOpen = description.status.name === 'RUNNING';
      const status: BatchStatus | null = isOpen
        ? await client.withDeadline(Date.now() + 3_000, () => handle.query(batchQuery)).catch(() => null)
        : null;
      const result = description.status.name === 'COMPLETED' ? await handle.result() : null;
      const plans = status?.plans ?? result?.plans ?? input.plans;
      const planned = (await Promise.all(plans.map((plan) => planIssues(input.repo, plan)))).flat();
      const found = await latestRuns(client, batch);
      const refused = new Map((status ?? result)?.refused?.map((each) => [each.key, each.why]));
      const others = status ? maybeAdopted(planned, found, status) : (result?.adopted ?? []);
      await findAdopted(client, { repo: input.repo, keys: others, since: description.startTime, found });
      const why = new Map(status?.waiting.map((each) => [each.key, each.why]));
      const lastLines = options.lastLines ?? false;
      const issues: IssueView[] = [];
      for (const issue of planned) {
        const run = found.get(issue.key);
        issues.push(
          run
            ? await reader.started(issue, run, { lastLines })
            : unstarted(issue, { isOpen, why: why.get(issue.key), refused: refused.get(issue.key) }),
        );
      }
      return {
        batch,
        repo: input.repo,
        state: stateOf(description.status.name, status),
        width: status?.width ?? input.width,
        landing: input.policy.landing,
        rounds: input.policy.rounds,
        settings: input.settings,
        startedAt: description.startTime.toISOString(),
        durationMs: (description.closeTime ?? new Date()).getTime() - description.startTime.getTime(),
        costUsd: issues.reduce((sum, issue) => sum + issue.costUsd, 0),
        issues,
      };
    },
  };
}

function stateOf(name: string, status: BatchStatus | null): BatchView['state'] {
  if (name === 'COMPLETED') return 'done';
  if (name !== 'RUNNING') return name === 'CANCELLED' ? 'cancelled' : 'broken';
  if (!status) return 'running';
  // With nothing left to start it is about to end, and is told once it has.
  const rests = status.atRest && status.waiting.length > 0 && status.control !== 'stopped';
  return rests ? 'at-rest' : status.control;
}

/** The newest run of each issue of a batch: a retry is another run of the same workflow. */
async function latestRuns(client: Client, batch: string): Promise<Map<string, IssueRun>> {
  const latest = new Map<string, IssueRun>();
  const query = `${attributes.batch.name} = '${batch}' AND WorkflowType = 'issueWorkflow'`;
  for await (const info of client.workflow.list({ query, pageSize: 1000 })) {
    const key = info.typedSearchAttributes.get(attributes.issue) ?? '';
    const other = latest.get(key);
    if (!other || other.startTime < info.startTime) latest.set(key, info);
  }
  return latest;
}

/** What neither waits nor ran below this batch: another one started it, and this one waits for it too. */
function maybeAdopted(
  planned: readonly IssueDocument[],
  found: ReadonlyMap<string, IssueRun>,
  status: BatchStatus,
): readonly string[] {
  const others = new Set([...status.waiting, ...(status.refused ?? [])].map((each) => each.key));
  return planned.flatMap(({ key, skip }) => (skip !== null || others.has(key) || found.has(key) ? [] : [key]));
}

async function findAdopted(
  client: Client,
  adopted: {
    readonly repo: string;
    readonly keys: readonly string[];
    /** What ended before belongs to an earlier batch, while this one's own run is just about to be listed. */
    readonly since: Date;
    readonly found: Map<string, IssueRun>;
  },
): Promise<void> {
  for (const key of adopted.keys) {
    const handle = client.workflow.getHandle(issueWorkflowId(adopted.repo, key));
    const description = await handle.describe().catch(nullIfUnknown);
    if (description && (description.closeTime ?? new Date()) >= adopted.since) adopted.found.set(key, description);
  }
}

/** A server that does not answer says nothing about a workflow. */
function nullIfUnknown(error: unknown): null {
  if (error instanceof WorkflowNotFoundError) return null;
  throw error;
}
