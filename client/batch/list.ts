import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { batchWorkflowId, attributes } from '../../workflows/ids.ts';
import { UsageError } from '../input/errors.ts';

/** A batch as lists know it. */
export interface BatchEntry {
  readonly batch: string;
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
    // A batch that continued as new has several runs: the newest tells where it stands, the oldest when it began.
    const known = entries.get(entry.batch);
    const newest = !known || known.startedAt < entry.startedAt ? entry : known;
    const startedAt = known && known.startedAt < entry.startedAt ? known.startedAt : entry.startedAt;
    entries.set(entry.batch, { ...newest, startedAt });
  }
  return [...entries.values()].sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime());
}

/** The batch that a person means: the named one, else the newest open one, else the newest. @throws UsageError */
export async function chooseBatch(client: Client, named: string | undefined): Promise<BatchEntry> {
  const batches = await listBatches(client);
  if (named !== undefined) {
    const found = batches.find((each) => each.batch === named || batchWorkflowId(each.batch) === named);
    if (found) return found;
    throw new UsageError({ where: named, what: 'there is no such batch', mend: 'look at `millrace status --all`' });
  }
  const chosen = batches.find((each) => each.open) ?? batches[0];
  if (chosen) return chosen;
  throw new UsageError({ where: 'batch', what: 'there is none yet', mend: 'start one: `millrace start-batch PLAN`' });
}

function entryOf(info: WorkflowExecutionInfo): BatchEntry {
  return {
    batch: info.workflowId.replace(/^batch:/, ''),
    repo: info.typedSearchAttributes.get(attributes.repository) ?? '',
    open: info.status.name === 'RUNNING',
    stage: info.typedSearchAttributes.get(attributes.stage) ?? info.status.name.toLowerCase(),
    startedAt: info.startTime,
  };
}
