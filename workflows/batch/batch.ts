import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  type ExternalWorkflowHandle,
  getExternalWorkflowHandle,
  isCancellation,
  log,
  patched,
  ParentClosePolicy,
  setCurrentDetails,
  startChild,
  upsertSearchAttributes,
  WorkflowIdReusePolicy,
  workflowInfo,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { createBatchClock, type BatchClock } from './clock.ts';
import { createBatchState, type BatchState } from './state.ts';
import type { BatchInput, BatchResult } from '../domain/batch/batch.ts';
import { batchPage } from '../domain/batch/page.ts';
import { attributes, issueWorkflowId } from '../ids.ts';
import { listenToIssues, listenToPeople } from './handlers.ts';
import { adoptSignal, budgetSignal, slotSignal } from '../messages.ts';
import { knownFailure, reached, undelivered } from '../failures.ts';
import { listOpenIssues } from '../proxies.ts';
import { readPlan } from '../read-plan.ts';
import { issueWorkflow } from '../issue/issue.ts';
import { issueStart } from '../issue/start.ts';

/** Messages on their way at once; Temporal allows 2,000. */
const MOST_MESSAGES = 500;

/**
 * One run over a plan: starts what is ready, within the width, until every issue has an outcome. It owns the order, the
 * slots and the batch's budget; each issue is a workflow of its own that outlives it. It ends when nothing is left to
 * start, when it is stopped or cancelled, or 14 days after everything that is left began to wait for a person; before
 * its history grows too long it continues as new.
 */
export async function batchWorkflow(input: BatchInput): Promise<BatchResult> {
  const batch = createBatchState(input);
  const clock = createBatchClock(batch);
  listenToPeople(batch);
  try {
    await loadPlans(batch);
    for (;;) {
      await addWanted(batch);
      await tellBudget(batch);
      // Not cancellable: what counts as running must have been started, since a cancel waits until it tells its end.
      await CancellationScope.nonCancellable(() => startReady(batch));
      show(batch);
      if (batch.window.isOver()) break;
      if (workflowInfo().continueAsNewSuggested && !batch.steering.hasNews()) await handOver(batch);
      if (await clock.changed()) continue;
      if (batch.window.isAtRest()) break;
      await reconcile(batch);
    }
  } catch (error) {
    if (!isCancellation(error)) throw error;
    await CancellationScope.nonCancellable(() => cancelAll(batch, clock));
  }
  await CancellationScope.nonCancellable(async () => {
    show(batch);
    await condition(allHandlersFinished);
  });
  return batch.told.result();
}

async function loadPlans(batch: BatchState): Promise<void> {
  const load = async () => {
    for (const plan of batch.input.plans) batch.window.add(await readPlan({ ...batch.input, plan }));
    batch.window.begin();
    // Only now, when the issues are known: until then Temporal keeps what issues of earlier runs tell.
    listenToIssues(batch);
  };
  if (batch.input.carried === null) return load();
  // Not cancellable: a cancel has to reach issues of the runs before this one, so they must be known first.
  await CancellationScope.nonCancellable(load);
  // An issue of theirs that was terminated in between has told nobody.
  await reconcile(batch);
}

async function addWanted(batch: BatchState): Promise<void> {
  for (let plan = batch.steering.takeAdded(); plan !== undefined; plan = batch.steering.takeAdded()) {
    try {
      batch.window.add(await readPlan({ ...batch.input, plan }));
    } catch (error) {
      if (isCancellation(error)) throw error;
      const why = knownFailure(error)?.message ?? String(error);
      log.error('an added plan cannot be read: the batch goes on without it', { plan, why });
      batch.steering.dropPlan(plan);
    }
  }
}

/** Tells a changed budget to the issues under way: their next attempts keep to it. */
async function tellBudget(batch: BatchState): Promise<void> {
  const budget = batch.steering.takeNewBudget();
  if (budget === null) return;
  await tellOpen(batch, (index) => reached(issueOf(batch, index).signal(budgetSignal, budget)));
}

/** Sends a message to every issue under way, at most as many at once as Temporal allows. */
async function tellOpen(batch: BatchState, send: (index: number) => Promise<unknown>): Promise<void> {
  const open = batch.window.open();
  for (let from = 0; from < open.length; from += MOST_MESSAGES) {
    await Promise.all(open.slice(from, from + MOST_MESSAGES).map(send));
  }
}

/** Gives slots: first back to issues that had one, then to the most urgent ready ones. */
async function startReady(batch: BatchState): Promise<void> {
  const starts: Promise<void>[] = [];
  for (let index = batch.window.takeReturning(); index !== undefined; index = batch.window.takeReturning()) {
    starts.push(signalSlot(batch, index));
  }
  for (let index = batch.window.takeReady(); index !== undefined; index = batch.window.takeReady()) {
    starts.push(start(batch, index));
  }
  await Promise.all(starts);
}

async function start(batch: BatchState, index: number): Promise<void> {
  for (;;) {
    try {
      const child = await startChild(issueWorkflow, {
        ...issueStart(batch.window.issueInput(index)),
        // Children outlive a batch that continues as new or is stopped.
        parentClosePolicy: ParentClosePolicy.ABANDON,
        workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      });
      // Rejected: terminated, or failed by a bug, without having told anything. Only this run of the batch hears it.
      child.result().catch(() => batch.window.lost(index));
      return;
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      // Another batch started the issue: this one waits for the same workflow.
      const refused = await undelivered(issueOf(batch, index).signal(adoptSignal, { batch: batch.input.batch }));
      if (!refused) return batch.window.adopt(index);
      // If that workflow ended in between, its id is free, and a start is tried again. Nothing else changes by trying.
      if (refused.closed || !patched('refused-adoption-fails')) continue;
      log.error('an issue of another batch cannot be waited for', { key: batch.window.keyOf(index), why: refused.why });
      return batch.window.refuse(
        index,
        `another batch works on it, and cannot be asked to tell this one: ${refused.why}`,
      );
    }
  }
}

async function signalSlot(batch: BatchState, index: number): Promise<void> {
  if (!(await reached(issueOf(batch, index).signal(slotSignal)))) batch.window.lost(index);
}

/** Settles issues that count as open but do not run any more: terminated by hand, or lost with a database. */
async function reconcile(batch: BatchState): Promise<void> {
  const open = batch.window.open();
  if (open.length === 0) return;
  const keys = open.map(batch.window.keyOf);
  try {
    const found = new Set(await listOpenIssues({ repo: batch.input.repo, keys }));
    for (const index of open) if (!found.has(batch.window.keyOf(index))) batch.window.lost(index);
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.warn('cannot see which issues are open: the next look will', { error: String(error) });
  }
}

async function handOver(batch: BatchState): Promise<void> {
  await condition(allHandlersFinished);
  await continueAsNew<typeof batchWorkflow>(batch.told.carry());
}

/** Cancels every issue that is under way, and waits until each of them has cleaned up. */
async function cancelAll(batch: BatchState, clock: BatchClock): Promise<void> {
  batch.window.cancel();
  show(batch);
  await tellOpen(batch, (index) => cancel(batch, index));
  while (!(await clock.ended())) await reconcile(batch);
}

async function cancel(batch: BatchState, index: number): Promise<void> {
  if (!(await reached(issueOf(batch, index).cancel()))) batch.window.lost(index);
}

function issueOf(batch: BatchState, index: number): ExternalWorkflowHandle {
  return getExternalWorkflowHandle(issueWorkflowId(batch.input.repo, batch.window.keyOf(index)));
}

/** Shows the batch in the Web UI; its stage is an event, so only a real change is written. */
function show(batch: BatchState): void {
  setCurrentDetails(batchPage(batch.told.facts(), batch.told.counts()));
  const stage = batch.told.newStage();
  if (stage !== null) upsertSearchAttributes([{ key: attributes.stage, value: stage }]);
}
