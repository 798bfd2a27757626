import PQueue from 'p-queue';

/** Follow-ups finish what has begun, so they go before first steps. */
export type Urgency = 'first-step' | 'follow-up';

/** A host's capacity for agents: a counting semaphore of one process. */
export interface Slots {
  readonly capacity: number;
  /** Slots that are taken now. */
  taken(): number;
  /** Waits for a slot, holds it while `work` runs. @throws the signal's reason when it aborts before a slot is free. */
  hold<T>(urgency: Urgency, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
}

const priority = { 'first-step': 0, 'follow-up': 1 } as const satisfies Record<Urgency, number>;

/** Slots in the order of asking within one urgency. */
export function createSlots(capacity: number): Slots {
  if (!Number.isInteger(capacity) || capacity < 1)
    throw new RangeError(`a host needs at least one slot, not ${capacity}`);
  const queue = new PQueue({ concurrency: capacity });
  return {
    capacity,
    taken: () => queue.pending,
    async hold(urgency, signal, work) {
      signal.throwIfAborted();
      // The queue would give up running work too when its signal aborts, and its slot with it. An agent that is being
      // stopped still needs its slot, so the queue gets a signal that is about the wait alone.
      const wait = new AbortController();
      const giveUp = (): void => wait.abort(signal.reason);
      signal.addEventListener('abort', giveUp, { once: true });
      return queue.add(
        () => {
          signal.removeEventListener('abort', giveUp);
          return work();
        },
        { priority: priority[urgency], signal: wait.signal },
      );
    },
  };
}
