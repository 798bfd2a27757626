import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import type { Stage } from '../../workflows/domain/stage.ts';
import { batchWorkflowId, attributes } from '../../workflows/ids.ts';
import { UsageError } from '../input/errors.ts';
import { cleanLine } from '../../workflows/domain/words.ts';
import { findIssue } from '../issue/find.ts';

/** A batch, as lists know it. */
export interface BatchEntry {
  readonly batch: string;
  readonly workflowId: string;
  /** Its newest run. */
  readonly runId: string;
  readonly repo: string;
  readonly open: boolean;
  readonly stage: string;
  readonly startedAt: Date;
}

/** All batches that the server remembers, newest first. */
export async function listBatches(client: Client): Promise<readonly BatchEntry[]> {
  const entries = new Map<string, BatchEntry>();
  for await (const info of client.workflow.list({ query: `WorkflowType = 'batchWorkflow'`, pageSize: 200 })) {
    const entry = entryOf(info);
    // A batch that continued as new has several runs: the newest knows where it stands, the oldest when it began.
    const known = entries.get(entry.batch);
    const newest = !known || known.startedAt < entry.startedAt ? entry : known;
    const startedAt = known && known.startedAt < entry.startedAt ? known.startedAt : entry.startedAt;
    entries.set(entry.batch, { ...newest, startedAt });
  }
  return [...entries.values()].sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime());
}

/** A batch that still needs something. */
export interface OtherBatch extends BatchEntry {
  /** How many of its issues wait for a person; they may outlast the batch. */
  readonly waiting: number;
}

/** A batch, and the other batches that are open or have issues waiting for a person, newest first. */
export interface ChosenBatch extends BatchEntry {
  readonly others: readonly OtherBatch[];
}

/** Finds the batch that a person means: the named one, else the one that started last. @throws UsageError */
export async function chooseBatch(client: Client, named: string | undefined): Promise<ChosenBatch> {
  const batches = await listBatches(client);
  const chosen = named === undefined ? batches[0] : await namedBatch(client, batches, named);
  if (chosen) {
    const waiting = await waitingIssues(client);
    const others = batches.map((each) => ({ ...each, waiting: waiting.get(each.batch) ?? 0 }));
    return {
      ...chosen,
      others: others.filter((each) => (each.open || each.waiting > 0) && each.batch !== chosen.batch),
    };
  }
  throw new UsageError({ where: 'batch', what: 'there is none yet', mend: 'start one: `millrace start-batch PLAN`' });
}

/** Finds the batch to go on with: the named one, else the newest open one, else the newest. @throws UsageError */
export async function chooseOpenBatch(client: Client, named: string | undefined): Promise<BatchEntry> {
  const { others, ...chosen } = await chooseBatch(client, named);
  return named === undefined && !chosen.open ? (others.find(({ open }) => open) ?? chosen) : chosen;
}

/** Counts the issues of each batch that wait for a person. */
async function waitingIssues(client: Client): Promise<ReadonlyMap<string, number>> {
  const stage: Stage = 'waiting (human)';
  const query = `WorkflowType = 'issueWorkflow' AND ExecutionStatus = 'Running' AND ${attributes.stage.name} = '${stage}'`;
  const counts = new Map<string, number>();
  for await (const info of client.workflow.list({ query, pageSize: 200 })) {
    const batch = info.typedSearchAttributes.get(attributes.batch) ?? '';
    counts.set(batch, (counts.get(batch) ?? 0) + 1);
  }
  return counts;
}

/** @throws UsageError, which points to `show` if the name is an issue's. */
async function namedBatch(client: Client, batches: readonly BatchEntry[], named: string): Promise<BatchEntry> {
  const found = batches.find(({ batch }) => batch === named || batchWorkflowId(batch) === named);
  if (found) return found;
  if (await findIssue(client, { id: named, batch: undefined })) {
    throw new UsageError({
      where: named,
      what: 'it is an issue, not a batch',
      mend: `look at it: millrace show ${named}`,
    });
  }
  throw new UsageError({
    where: named,
    what: 'there is no such batch',
    mend: `look at \`millrace status --all\`; one issue is shown by \`millrace show ${cleanLine(named, 100)}\``,
  });
}

function entryOf(info: WorkflowExecutionInfo): BatchEntry {
  return {
    batch: info.workflowId.replace(/^batch:/, ''),
    workflowId: info.workflowId,
    runId: info.runId,
    repo: info.typedSearchAttributes.get(attributes.repository) ?? '',
    open: info.status.name === 'RUNNING',
    stage: info.typedSearchAttributes.get(attributes.stage) ?? info.status.name.toLowerCase(),
    startedAt: info.startTime,
  };
}
