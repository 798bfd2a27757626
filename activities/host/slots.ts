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

interface Waiting {
  readonly enter: () => void;
}

/** Slots in the order of asking within one urgency. */
export function createSlots(capacity: number): Slots {
  if (!Number.isInteger(capacity) || capacity < 1)
    throw new RangeError(`a host needs at least one slot, not ${capacity}`);
  const waiting: Record<Urgency, Set<Waiting>> = { 'follow-up': new Set(), 'first-step': new Set() };
  let taken = 0;

  const enter = (urgency: Urgency, signal: AbortSignal): Promise<void> => {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    if (taken < capacity) {
      taken++;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        waiting[urgency].delete(self);
        reject(signal.reason as Error);
      };
      const self: Waiting = {
        enter() {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      waiting[urgency].add(self);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  };

  /** A slot goes from hand to hand: nobody can take it in between. */
  const leave = (): void => {
    const queue = waiting['follow-up'].size > 0 ? waiting['follow-up'] : waiting['first-step'];
    const [next] = queue;
    if (!next) {
      taken--;
      return;
    }
    queue.delete(next);
    next.enter();
  };

  return {
    capacity,
    taken: () => taken,
    async hold(urgency, signal, work) {
      await enter(urgency, signal);
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
}
