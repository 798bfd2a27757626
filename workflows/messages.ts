import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { BatchStatus, Settled } from './domain/batch/batch.ts';
import type { FilingProgress } from './domain/plan/filing.ts';
import type { Budget } from './domain/settings.ts';
import type { IssueStatus } from './domain/status.ts';

// To an issue.

/** A person lets a waiting issue go on; `message` is for the agent. Returns the stage it goes on from. */
export const resumeUpdate = defineUpdate<string, [{ readonly message: string | null }]>('resume');

/** A person takes the work as it is: it counts as approved. */
export const acceptUpdate = defineUpdate<string, [{ readonly reason: string | null }]>('accept');

/** The batch gives this issue a slot again. */
export const slotSignal = defineSignal('slot');

/** The batch's budget was changed. */
export const budgetSignal = defineSignal<[Budget]>('budget');

/** Another batch waits for this issue too. */
export const adoptSignal = defineSignal<[{ readonly batch: string }]>('adopt');

/** Where an issue stands. */
export const issueQuery = defineQuery<IssueStatus>('issue');

// To a batch.

/** An issue came to rest. */
export const settledSignal = defineSignal<[Settled]>('settled');

/** An issue that gave its slot back wants one again. */
export const slotWantedSignal = defineSignal<[{ readonly key: string }]>('slotWanted');

/** A profile cannot be used until a time (epoch ms), and why; 0: it can. Without a reason its quota is used up. */
export const parkedSignal = defineSignal<[Parked]>('parked');

/** A profile that cannot be used, as an issue tells its batch. */
export interface Parked {
  readonly profile: string;
  readonly until: number;
  readonly why?: string;
}

/** What the batch may spend in all; null: no limit; what is left out stays. Returns the budgets before and after. */
export const budgetUpdate = defineUpdate<{ readonly before: Budget; readonly after: Budget }, [Partial<Budget>]>(
  'budget',
);

/** How many issues are worked on at once from now on. Returns the width before. */
export const widthUpdate = defineUpdate<number, [{ readonly width: number }]>('width');

/** Start nothing and give no slots until `unpause`; what runs goes on to its next wait. Returns the control before. */
export const pauseUpdate = defineUpdate<string>('pause');

/** Go on after a pause. Returns the control before. */
export const unpauseUpdate = defineUpdate<string>('unpause');

/** Start nothing more; what runs goes on to its end. Returns the control before. */
export const stopUpdate = defineUpdate<string>('stop');

/** Add the issues of another plan document. It is read next; issues that the batch has already are left out. */
export const addUpdate = defineUpdate<void, [{ readonly plan: string }]>('add');

/**
 * Let a held issue start in spite of its dependencies. Refused, with what it costs, unless the person says `again`;
 * clients of earlier versions leave it out. Returns its id.
 */
export const releaseUpdate = defineUpdate<string, [{ readonly id: string; readonly again?: boolean }]>('release');

/** Cancel an issue that has not started. Returns its id. */
export const dropUpdate = defineUpdate<string, [{ readonly id: string }]>('drop');

/** Where a batch stands, and why its queued issues wait. */
export const batchQuery = defineQuery<BatchStatus>('batch');

// To the filing of a plan.

/** How far a filing is. */
export const filingQuery = defineQuery<FilingProgress>('filing');
