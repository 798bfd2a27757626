import type { BatchInput } from '../domain/batch/batch.ts';
import { createSchedule } from '../domain/batch/schedule.ts';
import { decodeStandings } from '../domain/batch/standing.ts';
import { lands } from '../domain/settings.ts';
import { createBatchAccount } from './account.ts';
import { createApprovedWork } from './approved-work.ts';
import { createSteering } from './steering.ts';
import { createTold } from './told.ts';
import { createWindow } from './window.ts';

/** A batch's facts and decisions; the workflow asks it what to do and tells it what happened. */
export type BatchState = ReturnType<typeof createBatchState>;

/** Builds the state of one run of a batch, from its start or from what the run before it carried over. */
export function createBatchState(input: BatchInput) {
  const { carried, policy } = input;
  let changes = 0;
  const touch = () => void changes++;
  const schedule = createSchedule([], {
    lands: lands(policy.landing),
    parkedKeepsFiles: policy.ci !== undefined, // batches of earlier versions go on as they began
    standings: carried ? decodeStandings(carried.standings) : [],
    released: carried?.released ?? [],
  });
  const account = createBatchAccount(input, touch);
  const work = createApprovedWork(schedule, carried);
  const steering = createSteering(input, { schedule, account, touch });
  const window = createWindow(input, { schedule, account, work, steering, touch });
  const told = createTold(input, { schedule, account, work, steering, window });
  return {
    input,
    /** What the batch spent, what it may spend, and which profiles cannot be used. */
    account,
    steering,
    window,
    told,
    /** Grows with everything that happens; whoever waits compares. */
    changes: () => changes,
  };
}
