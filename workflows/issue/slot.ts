import {
  CancellationScope,
  condition,
  type ExternalWorkflowHandle,
  getExternalWorkflowHandle,
  setHandler,
} from '@temporalio/workflow';
import type { Settled } from '../domain/batch/batch.ts';
import type { IssueState } from '../domain/issue-state.ts';
import { parkedAs } from '../domain/issue-told.ts';
import type { IssueInput } from '../domain/run.ts';
import { reached } from '../failures.ts';
import { batchWorkflowId } from '../ids.ts';
import type { IssueProgress } from './progress.ts';
import { adoptSignal, parkedSignal, settledSignal, slotSignal, slotWantedSignal, type Parked } from '../messages.ts';

/** An issue's side of the batch's window: it holds a slot while it works and gives it back while it waits. */
export interface Slot {
  /** Asks the batch for a slot and waits for it; with no open batch it may go on at once. */
  take(): Promise<void>;
  /**
   * Tells every batch that waits for this issue where it came to rest; the slot is given back by that.
   * `costUsd` and `tokens` are running totals; only the difference is sent.
   */
  settle(settled: Omit<Settled, 'key'>): Promise<void>;
  /** Tells the batch that a profile cannot be used until a time, and why. */
  park(parked: Parked): Promise<void>;
  /** Tells the batch that a person knows better: the profile may be used again. */
  unpark(profile: string): Promise<void>;
}

/** Builds an issue's side of the window. A batch starts its issues with a slot; a person's `retry` begins without. */
export function createSlot(input: IssueInput): Slot {
  const { batch, key } = input.issue;
  const waitingBatches = new Set([batch]);
  let granted = false;
  let last: Omit<Settled, 'key'> | null = null;
  let toldUsd = 0;
  let toldTokens = 0;

  setHandler(slotSignal, () => {
    granted = true;
  });
  setHandler(adoptSignal, async (adopt) => {
    waitingBatches.add(adopt.batch);
    const rest = last;
    // A cancelled issue that cleans up still has to answer. Its first batch pays for it: the adopting one is told 0.
    if (rest) await CancellationScope.nonCancellable(() => tell(adopt.batch, { ...rest, key, costUsd: 0, tokens: 0 }));
  });

  return {
    async take() {
      last = null;
      granted = false;
      while (!granted) {
        if (!(await reached(handleOf(batch).signal(slotWantedSignal, { key })))) return;
        // Asks again every ten minutes: a batch that was terminated in between never answers.
        await condition(() => granted, '10 minutes');
      }
    },
    async settle(settled) {
      last = settled;
      const costUsd = settled.costUsd - toldUsd;
      const tokens = (settled.tokens ?? 0) - toldTokens;
      toldUsd = settled.costUsd;
      toldTokens = settled.tokens ?? 0;
      // A batch that adopts the issue meanwhile is told by the handler of its signal.
      await CancellationScope.nonCancellable(() =>
        Promise.all(Array.from(waitingBatches, (each) => tell(each, { ...settled, key, costUsd, tokens }))),
      );
    },
    async park(parked) {
      await reached(handleOf(batch).signal(parkedSignal, parked));
    },
    async unpark(profile) {
      await reached(handleOf(batch).signal(parkedSignal, { profile, until: 0 }));
    },
  };
}

/** Waits for a slot, and shows that it does. */
export async function takeSlot(run: { readonly progress: IssueProgress; readonly slot: Slot }): Promise<void> {
  run.progress.enter('waiting (slot)');
  await run.slot.take();
}

/** Gives the slot back while something outside is waited for; the batch counts the issue as parked. */
export function leaveSlot(run: { readonly state: IssueState; readonly slot: Slot }): Promise<void> {
  return run.slot.settle(parkedAs(run.state));
}

async function tell(batch: string, settled: Settled): Promise<void> {
  await reached(handleOf(batch).signal(settledSignal, settled));
}

function handleOf(batch: string): ExternalWorkflowHandle {
  return getExternalWorkflowHandle(batchWorkflowId(batch));
}
