import { condition, setHandler } from '@temporalio/workflow';
import type { BatchState } from './state.ts';
import type { BatchControl } from '../domain/batch/batch.ts';
import { releasePrice } from '../domain/batch/schedule.ts';
import { MAX_WIDTH } from '../domain/settings.ts';
import { refuse } from '../failures.ts';
import {
  addUpdate,
  batchQuery,
  budgetUpdate,
  dropUpdate,
  parkedSignal,
  pauseUpdate,
  releaseUpdate,
  settledSignal,
  slotWantedSignal,
  stopUpdate,
  unpauseUpdate,
  widthUpdate,
} from '../messages.ts';

/** Listens to the batch's issues, from when it knows them. */
export function listenToIssues(batch: BatchState): void {
  setHandler(settledSignal, (settled) => batch.settle(settled));
  setHandler(slotWantedSignal, ({ key }) => batch.wantSlot(key));
  setHandler(parkedSignal, (parked) => batch.park(parked));
}

/** Listens to people; what makes no sense now is refused with a sentence. */
export function listenToPeople(batch: BatchState): void {
  setHandler(batchQuery, () => batch.status());
  setHandler(
    widthUpdate,
    ({ width }) => {
      const before = batch.width();
      batch.setWidth(width);
      return before;
    },
    {
      validator: ({ width }) => {
        if (!Number.isInteger(width) || width < 1 || width > MAX_WIDTH) {
          refuse(`width must be a whole number from 1 to ${MAX_WIDTH}, not ${String(width)}`);
        }
      },
    },
  );
  setHandler(
    budgetUpdate,
    (change) => {
      const before = batch.budget();
      batch.setBudget({ ...before, ...change });
      return { before, after: batch.budget() };
    },
    {
      validator: ({ costUsd = null, tokens = null }) => {
        for (const amount of [costUsd, tokens]) {
          if (amount !== null && !(typeof amount === 'number' && amount > 0)) {
            refuse(`a budget must be a number above 0, not ${String(amount)}`);
          }
        }
      },
    },
  );
  setHandler(pauseUpdate, () => turn(batch, 'paused'), { validator: () => mustNotBe(batch, 'paused') });
  setHandler(unpauseUpdate, () => turn(batch, 'running'), { validator: () => mustNotBe(batch, 'running') });
  setHandler(stopUpdate, () => turn(batch, 'stopped'), { validator: () => mustNotBe(batch, 'stopped') });
  setHandler(addUpdate, ({ plan }) => batch.wantPlan(plan), { validator: (_added) => mustNotBeStopped(batch) });
  setHandler(
    releaseUpdate,
    async ({ id, again }) => {
      await condition(() => batch.begun());
      // Clients of earlier versions never asked, and what they did has to replay.
      if (again === false) mustNotBeHeld(batch, id);
      if (!batch.release(id))
        refuse(`no held issue ${id} in batch ${batch.input.batch}: only one that was never started can be released`);
      return id;
    },
    { validator: ({ id, again }) => (again === true || !batch.begun() ? undefined : mustNotBeHeld(batch, id)) },
  );
  setHandler(dropUpdate, async ({ id }) => {
    await condition(() => batch.begun());
    if (!batch.drop(id))
      refuse(`no issue ${id} waits in batch ${batch.input.batch}: only one that was never started can be dropped`);
    return id;
  });
}

/** Whoever starts an issue without the work that it waits for has to know that. */
function mustNotBeHeld(batch: BatchState, id: string): void {
  const price = releasePrice(batch.waiting(id));
  if (price !== null) refuse(`${id} ${price}; to start it all the same, say --again`);
}

function turn(batch: BatchState, to: BatchControl): BatchControl {
  const before = batch.control();
  batch.setControl(to);
  return before;
}

function mustNotBe(batch: BatchState, control: BatchControl): void {
  if (batch.control() === control) refuse(`batch ${batch.input.batch} is ${control} already`);
  mustNotBeStopped(batch);
}

function mustNotBeStopped(batch: BatchState): void {
  if (batch.control() === 'stopped') refuse(`batch ${batch.input.batch} is stopped: start another one`);
}
