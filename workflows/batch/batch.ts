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

/** One run over a plan: starts what is ready, within the width, until every issue has an outcome. */
export async function batchWorkflow(input: BatchInput): Promise<BatchResult> {
  const batch = createBatchState(input);
  const clock = createBatchClock(batch);
  listenToPeople(batch);
  try {
    await loadPlans(batch);
    for (;;) {
      await addWanted(batch);
      await tellBudget(batch);
      // Uncancelled, so that each issue that counts as running has been started: a cancel waits for its last words.
      await CancellationScope.nonCancellable(() => startReady(batch));
      show(batch);
      if (batch.isOver()) break;
      if (workflowInfo().continueAsNewSuggested && !batch.hasNews()) await handOver(batch);
      if (await clock.changed()) continue;
      if (batch.isAtRest()) break;
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
  return batch.result();
}

async function loadPlans(batch: BatchState): Promise<void> {
  const load = async () => {
    for (const plan of batch.input.plans) batch.add(await readPlan({ ...batch.input, plan }));
    batch.begin();
    // Temporal keeps what issues of earlier runs tell until now; before, nobody would know whom they speak of.
    listenToIssues(batch);
  };
  if (batch.input.carried === null) return load();
  // A cancel has to reach issues of the runs before this one, so they are known first.
  await CancellationScope.nonCancellable(load);
  // What an issue of theirs came to is heard by nobody where it was terminated.
  await reconcile(batch);
}

async function addWanted(batch: BatchState): Promise<void> {
  for (let plan = batch.takeAdded(); plan !== undefined; plan = batch.takeAdded()) {
    try {
      batch.add(await readPlan({ ...batch.input, plan }));
    } catch (error) {
      if (isCancellation(error)) throw error;
      const why = knownFailure(error)?.message ?? String(error);
      log.error('an added plan cannot be read: the batch goes on without it', { plan, why });
      batch.dropPlan(plan);
    }
  }
}

/** Issues that are under way hold it for their next attempts. */
async function tellBudget(batch: BatchState): Promise<void> {
  const budget = batch.takeNewBudget();
  if (budget === null) return;
  const open = batch.open();
  for (let from = 0; from < open.length; from += MOST_MESSAGES) {
    const some = open.slice(from, from + MOST_MESSAGES);
    await Promise.all(some.map((index) => reached(issueOf(batch, index).signal(budgetSignal, budget))));
  }
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
  for (;;) {
    try {
      const child = await startChild(issueWorkflow, {
        ...issueStart(batch.issueInput(index)),
        // Children outlive a batch that continues as new or is stopped.
        parentClosePolicy: ParentClosePolicy.ABANDON,
        workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      });
      // Terminated, or failed by a bug: it settles by telling, and told nothing. Only this run of the batch hears it.
      child.result().catch(() => batch.lost(index));
      return;
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      // Another batch started it: waits for the same workflow.
      const refused = await undelivered(issueOf(batch, index).signal(adoptSignal, { batch: batch.input.batch }));
      if (!refused) return batch.adopt(index);
      // One that ended in between has left its id free. All else stays as it is, however often it is tried.
      if (refused.closed || !patched('refused-adoption-fails')) continue;
      log.error('an issue of another batch cannot be waited for', { key: batch.issue(index).key, why: refused.why });
      return batch.refuse(index, `another batch works on it, and cannot be asked to tell this one: ${refused.why}`);
    }
  }
}

async function signalSlot(batch: BatchState, index: number): Promise<void> {
  if (!(await reached(issueOf(batch, index).signal(slotSignal)))) batch.lost(index);
}

/** Settles issues that count as open and do not run any more: terminated by hand, or by a lost database. */
async function reconcile(batch: BatchState): Promise<void> {
  const open = batch.open();
  if (open.length === 0) return;
  const keys = open.map((index) => batch.issue(index).key);
  try {
    const found = new Set(await listOpenIssues({ repo: batch.input.repo, keys }));
    for (const index of open) if (!found.has(batch.issue(index).key)) batch.lost(index);
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.warn('cannot see which issues are open: the next look will', { error: String(error) });
  }
}

async function handOver(batch: BatchState): Promise<void> {
  await condition(allHandlersFinished);
  await continueAsNew<typeof batchWorkflow>(batch.carry());
}

/** Cancels every issue that is under way, and waits until each of them has cleaned up. */
async function cancelAll(batch: BatchState, clock: BatchClock): Promise<void> {
  batch.cancel();
  show(batch);
  const open = batch.open();
  for (let from = 0; from < open.length; from += MOST_MESSAGES) {
    await Promise.all(open.slice(from, from + MOST_MESSAGES).map((index) => cancel(batch, index)));
  }
  while (!(await clock.ended())) await reconcile(batch);
}

async function cancel(batch: BatchState, index: number): Promise<void> {
  if (!(await reached(issueOf(batch, index).cancel()))) batch.lost(index);
}

function issueOf(batch: BatchState, index: number): ExternalWorkflowHandle {
  return getExternalWorkflowHandle(issueWorkflowId(batch.input.repo, batch.issue(index).key));
}

/** Shows the batch in the Web UI; its stage is an event, so only a real change is written. */
function show(batch: BatchState): void {
  setCurrentDetails(batchPage(batch.facts(), batch.counts()));
  const stage = batch.newStage();
  if (stage !== null) upsertSearchAttributes([{ key: attributes.stage, value: stage }]);
}
