import { condition, sleep } from '@temporalio/workflow';
import type { BatchState } from './state.ts';
import { PATIENCE_MS } from '../issue/person.ts';

/** How often the batch looks whether its running issues still run: a terminated issue tells nobody. */
const LOOK_MS = 10 * 60_000;

/** How long a cancelled batch waits for its issues to tell how they ended before it looks whether they are gone. */
const LAST_WORDS_MS = 15_000;

/** How a batch waits: for a change, for the next look, for a person. */
export type BatchClock = ReturnType<typeof createBatchClock>;

/** Builds the clock of one run of a batch. */
export function createBatchClock(batch: BatchState) {
  let seen = 0;
  let look: Promise<void> | null = null;

  /** Waits for a change or for the next look. One timer serves many changes, since a timer costs two events. */
  async function changeOrLook(): Promise<void> {
    const passed = () => void (look = null);
    look ??= sleep(LOOK_MS).then(passed, passed);
    await condition(() => batch.changes() !== seen || look === null);
  }

  return {
    /** Waits until something changes; at rest as long as a person may take. False on timeout: check for lost issues. */
    async changed(): Promise<boolean> {
      const quotaMs = batch.account.quotaUntil() - Date.now();
      if (batch.window.isAtRest()) await condition(() => batch.changes() !== seen, PATIENCE_MS);
      else if (quotaMs > 0) await condition(() => batch.changes() !== seen, Math.min(quotaMs + 1, LOOK_MS));
      else await changeOrLook();
      const happened = batch.changes() !== seen;
      seen = batch.changes();
      return happened;
    },
    /** Waits until no issue of a cancelled batch is open. False on timeout: check for lost issues. */
    ended: (): Promise<boolean> => condition(() => batch.window.open().length === 0, LAST_WORDS_MS),
  };
}
