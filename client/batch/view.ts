import { WorkflowFailedError, type Client } from '@temporalio/client';
import { lastWorkedOn, rememberBatch } from './history.ts';
import {
  askBatch,
  cutOff,
  rememberedControl,
  rememberedIssues,
  whyWaiting,
  type ReaderDeps,
  type Unanswered,
} from './without-worker.ts';
import { ExitError, exitCodes } from '../input/errors.ts';
import { readDocument } from '../state/document.ts';
import { createIssueReader, nullIfUnknown, type ListedRun } from '../issue/reader.ts';
import type { IssueView } from '../issue/view.ts';
import { neverStarted, unstarted } from '../issue/unstarted.ts';
import type { BatchControl, BatchStatus } from '../../workflows/domain/batch/batch.ts';
import { createRecordReader, type RunName } from '../issue/read-record.ts';
import type { RecordedStep } from '../issue/record.ts';
import type { IssueDocument } from '../../workflows/domain/issue.ts';
import { isSuccess } from '../../workflows/domain/outcome.ts';
import type { PlanDocument } from '../../workflows/domain/plan/plan.ts';
import { attributes, issueWorkflowId } from '../../workflows/ids.ts';
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
  /**
   * The batch could not be asked: it is shown as the server and the state folder know it, from when a worker last
   * worked on it (ISO 8601). Left out: it was asked, or it is over.
   */
  readonly remembered?: { readonly asOf: string; readonly why: Unanswered };
}

/** Reads batches from Temporal, and caches what can no longer change so that following a batch stays cheap. */
export interface BatchReader {
  /** @throws BatchUnknown */
  read(batch: string, options?: { readonly lastLines?: boolean }): Promise<BatchView>;
  /** Resolves when the batch closes, through a call that waits on the server; never resolves if that call breaks. */
  closed(batch: string): Promise<void>;
  /** Reads the steps of an issue's run, oldest first; empty: the server no longer has its history. */
  steps(run: RunName): Promise<readonly RecordedStep[]>;
}

/** No batch of that name is known to the server. */
export class BatchUnknown extends ExitError {
  override readonly name = 'BatchUnknown';
  readonly exitCode = exitCodes.usage;
}

/** Whether nothing more will happen by itself. */
export function isSettled(view: BatchView): boolean {
  const over =
    view.state === 'done' || view.state === 'at-rest' || view.state === 'cancelled' || view.state === 'broken';
  // An issue that a person resumed may go on after its batch.
  return over && view.issues.every((issue) => issue.outcome !== null || issue.runId === null);
}

/** Whether every issue ended as a success: exit code 0. */
export function succeeded(view: BatchView): boolean {
  return view.issues.every(isDone);
}

/** Whether an issue ended as a success; one that a stopped batch never started did not. */
export function isDone({ outcome, reason }: IssueView): boolean {
  return outcome !== null && isSuccess(outcome) && reason !== neverStarted;
}

/** Builds a reader over one connection. */
export function createBatchReader(reading: ReaderDeps): BatchReader {
  const { client, stateRoot } = reading;
  const plans = new Map<string, readonly IssueDocument[]>();
  const records = createRecordReader(client);
  const reader = createIssueReader(client, stateRoot, records);

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
    steps: async (run) => (await records.read(run))?.steps ?? [],
    async read(batch, options = {}) {
      const handle = batchHandle(client, batch);
      const description = await handle.describe().catch(nullIfUnknown);
      if (description === null) throw new BatchUnknown(`no batch ${batch}: millrace status lists the batches`);
      const input = batchInputOf(description);
      const isOpen = description.status.name === 'RUNNING';
      const answer = isOpen ? await askBatch(reading, handle) : null;
      const status = typeof answer === 'string' ? null : answer;
      const memory = typeof answer === 'string' ? await rememberBatch(client, handle.workflowId) : null;
      const result = description.status.name === 'COMPLETED' ? await handle.result() : null;
      const { width } = status ?? memory?.input ?? input;
      const { plans } = status ?? result ?? memory?.input ?? input;
      const planned = (await Promise.all(plans.map((plan) => planIssues(input.repo, plan)))).flat();
      const remembered = memory && rememberedIssues(planned, memory);
      const found = await latestRuns(client, batch);
      const { adopted = [] } = result ?? remembered ?? {};
      const others = status ? maybeAdopted(planned, found, status) : adopted;
      await findAdopted(client, { repo: input.repo, keys: others, since: description.startTime, found });
      const started = new Map<string, IssueView>();
      const worked = [description.startTime];
      if (memory || status?.atRest) worked.push(await lastWorkedOn(client, { ...handle, runId: description.runId }));
      for (const issue of planned) {
        const run = found.get(issue.key);
        if (!run) continue;
        const view = await reader.started(issue, run, { lastLines: options.lastLines ?? false });
        const isCut = answer === 'no worker runs' && run.status.name === 'RUNNING';
        const at = isCut ? await lastWorkedOn(client, run) : null;
        if (at) worked.push(at);
        started.set(issue.key, at ? cutOff(view, { startedAt: run.startTime, at }) : view);
      }
      const stage = description.typedSearchAttributes.get(attributes.stage) ?? '';
      const { control, atRest } = status ?? rememberedControl(stage);
      const why = memory
        ? whyWaiting(planned, { started, memory, control })
        : new Map(status?.waiting.map((each) => [each.key, each.why]));
      const { refused = [], dropped = [] } = status ?? result ?? remembered ?? {};
      const issues = planned.map(
        (issue) =>
          started.get(issue.key) ??
          unstarted(issue, {
            isOpen,
            why: why.get(issue.key),
            refused: refused.find(({ key }) => key === issue.key)?.why,
            isDropped: dropped.includes(issue.key),
          }),
      );
      const asOf = new Date(Math.max(...worked.map((each) => each.getTime())));
      // Added, or begun, shortly before the worker ended: the batch has not told yet that it is at rest no more.
      const goesOn = issues.some(({ stage, runId, cutOff }) => cutOff ?? (stage === 'queued' && runId === null));
      const state = stateOf(description.status.name, { control, atRest: atRest && !goesOn, waits: why.size > 0 });
      // A batch at rest does nothing, whether or not a worker runs.
      const until = description.closeTime ?? (memory || state === 'at-rest' ? asOf : new Date());
      return {
        batch,
        repo: input.repo,
        state,
        width,
        landing: input.policy.landing,
        rounds: input.policy.rounds,
        settings: input.settings,
        startedAt: description.startTime.toISOString(),
        durationMs: until.getTime() - description.startTime.getTime(),
        costUsd: issues.reduce((sum, issue) => sum + issue.costUsd, 0),
        issues,
        ...(typeof answer === 'string' ? { remembered: { asOf: asOf.toISOString(), why: answer } } : {}),
      };
    },
  };
}

function stateOf(
  name: string,
  { control, atRest, waits }: { readonly control: BatchControl; readonly atRest: boolean; readonly waits: boolean },
): BatchView['state'] {
  if (name === 'COMPLETED') return 'done';
  if (name !== 'RUNNING') return name === 'CANCELLED' ? 'cancelled' : 'broken';
  // A batch with nothing left to start is about to end, and we tell it once it has.
  return atRest && waits && control !== 'stopped' ? 'at-rest' : control;
}

/** The newest run of each issue of a batch: a retry is another run of the same workflow. */
async function latestRuns(client: Client, batch: string): Promise<Map<string, ListedRun>> {
  const latest = new Map<string, ListedRun>();
  const query = `${attributes.batch.name} = '${batch}' AND WorkflowType = 'issueWorkflow'`;
  for await (const info of client.workflow.list({ query, pageSize: 1000 })) {
    const key = info.typedSearchAttributes.get(attributes.issue) ?? '';
    const other = latest.get(key);
    if (!other || other.startTime < info.startTime) latest.set(key, info);
  }
  return latest;
}

/** Issues that neither wait nor run in this batch: another batch started them, and this one waits for them too. */
function maybeAdopted(
  planned: readonly IssueDocument[],
  found: ReadonlyMap<string, ListedRun>,
  status: BatchStatus,
): readonly string[] {
  const others = new Set([
    ...[...status.waiting, ...(status.refused ?? [])].map((each) => each.key),
    ...(status.dropped ?? []),
  ]);
  return planned.flatMap(({ key, skip }) => (skip !== null || others.has(key) || found.has(key) ? [] : [key]));
}

async function findAdopted(
  client: Client,
  adopted: {
    readonly repo: string;
    readonly keys: readonly string[];
    /** Runs that ended earlier belong to an earlier batch: this batch's own run will be listed in a moment. */
    readonly since: Date;
    readonly found: Map<string, ListedRun>;
  },
): Promise<void> {
  for (const key of adopted.keys) {
    const handle = client.workflow.getHandle(issueWorkflowId(adopted.repo, key));
    const description = await handle.describe().catch(nullIfUnknown);
    if (description && (description.closeTime ?? new Date()) >= adopted.since) adopted.found.set(key, description);
  }
}
