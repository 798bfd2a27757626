import { condition, setHandler } from '@temporalio/workflow';
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
import type { BatchState } from './state.ts';

/** Listens to the batch's issues, from the moment that it knows them. */
export function listenToIssues({ window, account }: BatchState): void {
  setHandler(settledSignal, (settled) => window.settle(settled));
  setHandler(slotWantedSignal, ({ key }) => window.wantSlot(key));
  setHandler(parkedSignal, (parked) => account.park(parked));
}

/** Listens to people; what makes no sense now is refused with a sentence. */
export function listenToPeople(batch: BatchState): void {
  const { steering, window, told, input } = batch;
  setHandler(batchQuery, () => told.status());
  setHandler(widthUpdate, ({ width }) => steering.setWidth(width), {
    validator: ({ width }) => {
      if (!Number.isInteger(width) || width < 1 || width > MAX_WIDTH) {
        refuse(`width must be a whole number from 1 to ${MAX_WIDTH}, not ${String(width)}`);
      }
    },
  });
  setHandler(budgetUpdate, (change) => steering.setBudget(change), {
    validator: ({ costUsd = null, tokens = null }) => {
      for (const amount of [costUsd, tokens]) {
        if (amount !== null && !(typeof amount === 'number' && amount > 0)) {
          refuse(`a budget must be a number above 0, not ${String(amount)}`);
        }
      }
    },
  });
  setHandler(pauseUpdate, () => steering.setControl('paused'), { validator: () => mustNotBe(batch, 'paused') });
  setHandler(unpauseUpdate, () => steering.setControl('running'), { validator: () => mustNotBe(batch, 'running') });
  setHandler(stopUpdate, () => steering.setControl('stopped'), { validator: () => mustNotBe(batch, 'stopped') });
  setHandler(addUpdate, ({ plan }) => steering.addPlan(plan), { validator: (_added) => mustNotBeStopped(batch) });
  setHandler(
    releaseUpdate,
    async ({ id, again }) => {
      await condition(() => window.begun());
      // Clients of earlier versions leave it out, and what they did has to replay.
      if (again === false) mustNotBeHeld(batch, id);
      if (!steering.release(id))
        refuse(`no held issue ${id} in batch ${input.batch}: only one that was never started can be released`);
      return id;
    },
    { validator: ({ id, again }) => (again === true || !window.begun() ? undefined : mustNotBeHeld(batch, id)) },
  );
  setHandler(dropUpdate, async ({ id }) => {
    await condition(() => window.begun());
    if (!steering.drop(id))
      refuse(`no issue ${id} waits in batch ${input.batch}: only one that was never started can be dropped`);
    return id;
  });
}

/** Whoever starts an issue without the work that it waits for has to know the price. */
function mustNotBeHeld({ steering }: BatchState, id: string): void {
  const price = releasePrice(steering.waiting(id));
  if (price !== null) refuse(`${id} ${price}; to start it all the same, say --again`);
}

function mustNotBe(batch: BatchState, control: BatchControl): void {
  if (batch.steering.control() === control) refuse(`batch ${batch.input.batch} is ${control} already`);
  mustNotBeStopped(batch);
}

function mustNotBeStopped({ steering, input }: BatchState): void {
  if (steering.control() === 'stopped') refuse(`batch ${input.batch} is stopped: start another one`);
}
