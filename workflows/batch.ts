import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  isCancellation,
  log,
  ParentClosePolicy,
  setCurrentDetails,
  startChild,
  upsertSearchAttributes,
  WorkflowIdReusePolicy,
  workflowInfo,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { createBatchState, type BatchState } from './batch-state.ts';
import type { BatchInput, BatchResult } from './domain/batch.ts';
import { batchPage } from './domain/page.ts';
import { priorities } from './domain/issue.ts';
import { attributes, issueWorkflowId } from './ids.ts';
import { listenToPeople, settleBatch } from './batch-messages.ts';
import { adoptSignal, slotSignal } from './messages.ts';
import { listOpenIssues, loadPlan } from './proxies.ts';
import { issueWorkflow } from './issue.ts';

/** One run over a plan: starts what is ready, within the width, until every issue has an outcome. */
export async function batchWorkflow(input: BatchInput): Promise<BatchResult> {
  const batch = createBatchState(input);
  settleBatch(batch);
  listenToPeople(batch);
  try {
    for (const plan of input.plans) await addPlan(batch, plan);
    batch.begin();
    for (;;) {
      await addWanted(batch);
      await startReady(batch);
      show(batch);
      if (batch.isOver()) break;
      if (workflowInfo().continueAsNewSuggested) await handOver(batch);
      if (await batch.changed()) continue;
      if (batch.isAtRest()) break;
      await reconcile(batch);
    }
  } catch (error) {
    if (!isCancellation(error)) throw error;
    await CancellationScope.nonCancellable(() => cancelAll(batch));
  }
  await CancellationScope.nonCancellable(async () => {
    show(batch);
    await condition(allHandlersFinished);
  });
  return batch.result();
}

/** Reads a plan in pages: a plan of 10,000 issues does not fit into one payload. */
async function addPlan(batch: BatchState, plan: string): Promise<void> {
  const { repo, settings } = batch.input;
  for (let cursor: number | null = 0; cursor !== null;) {
    const page: Awaited<ReturnType<typeof loadPlan>> = await loadPlan({ repo, settings, plan, cursor });
    batch.add(page.issues, { plan, skips: page.skips });
    cursor = page.next;
  }
}

async function addWanted(batch: BatchState): Promise<void> {
  for (let plan = batch.takeAdded(); plan !== undefined; plan = batch.takeAdded()) await addPlan(batch, plan);
}

/** Gives slots: first back to issues that had one, then to the most urgent ready ones. */
async function startReady(batch: BatchState): Promise<void> {
  const starts: Promise<void>[] = [];
  for (let index = batch.takeReturning(); index !== undefined; index = batch.takeReturning()) {
    starts.push(signalSlot(batch, index));
  }
  for (let index = batch.takeReady(); index !== undefined; index = batch.takeReady()) {
    starts.push(start(batch, index));
  }
  await Promise.all(starts);
}

async function start(batch: BatchState, index: number): Promise<void> {
  const { input } = batch;
  const issue = batch.issue(index);
  const workflowId = issueWorkflowId(input.repo, issue.key);
  try {
    await startChild(issueWorkflow, {
      workflowId,
      args: [batch.issueInput(index)],
      // Children outlive a batch that continues as new or is stopped.
      parentClosePolicy: ParentClosePolicy.ABANDON,
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      priority: { priorityKey: priorities.indexOf(issue.priority) + 1 },
      staticSummary: issue.title.slice(0, 100),
      typedSearchAttributes: [
        { key: attributes.batch, value: input.batch },
        { key: attributes.issue, value: issue.key },
        { key: attributes.stage, value: 'queued' },
        { key: attributes.forge, value: input.forge },
        { key: attributes.repository, value: input.repo },
      ],
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    // Another batch started it: wait for the same workflow.
    batch.adopt(index);
    await getExternalWorkflowHandle(workflowId).signal(adoptSignal, { batch: input.batch });
  }
}

async function signalSlot(batch: BatchState, index: number): Promise<void> {
  try {
    await getExternalWorkflowHandle(issueWorkflowId(batch.input.repo, batch.issue(index).key)).signal(slotSignal);
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.warn('an issue that wanted its slot back is gone', { issue: batch.issue(index).id });
    batch.lost(index);
  }
}

/** Settles issues that count as running and do not run any more: terminated by hand, or by a lost database. */
async function reconcile(batch: BatchState): Promise<void> {
  const keys = batch.openKeys();
  if (keys.length > 0) batch.settleLost(new Set(await listOpenIssues({ repo: batch.input.repo, keys })));
}

async function handOver(batch: BatchState): Promise<void> {
  await condition(allHandlersFinished);
  await continueAsNew<typeof batchWorkflow>(batch.carry());
}

/** Cancels every issue that is under way, and waits until each of them has cleaned up. */
async function cancelAll(batch: BatchState): Promise<void> {
  batch.stop();
  for (const key of batch.openKeys()) {
    try {
      await getExternalWorkflowHandle(issueWorkflowId(batch.input.repo, key)).cancel();
    } catch {
      // Closed in between: its outcome has arrived or is on its way.
    }
  }
  while (batch.openKeys().length > 0) {
    show(batch);
    if (!(await batch.changed())) await reconcile(batch);
  }
}

/** Shows the batch in the Web UI; its stage is an event, so only a real change is written. */
function show(batch: BatchState): void {
  setCurrentDetails(batchPage(batch.status(), batch.counts()));
  const stage = batch.newStage();
  if (stage !== null) upsertSearchAttributes([{ key: attributes.stage, value: stage }]);
}
