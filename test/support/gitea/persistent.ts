import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import { toFailure } from '../../../activities/failure/failure.ts';

/** Attempts of one step; a third of all requests may fail, and a step has a dozen. */
const ATTEMPTS = 200;

/** Repeats a step as Temporal would: what is retryable is asked again, all else ends it. The waits alone are shorter. */
export async function persistently<T>(step: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await step();
    } catch (error) {
      const failure = toFailure(error);
      const isLast = !(failure instanceof ApplicationFailure) || failure.nonRetryable || attempt === ATTEMPTS;
      if (isLast) throw error;
      await sleep(error instanceof Error && 'kind' in error && error.kind === 'merge-not-ready' ? 500 : 5);
    }
  }
}
