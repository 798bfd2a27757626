/** Our reasons to end a run. */
export type Stop = 'timed-out' | 'cancelled' | 'output-limit';

/** When we end a run. */
export interface StopSpec {
  /** Longest run, milliseconds. */
  readonly wallMs: number;
  /** Longest silence, milliseconds; absent: none. */
  readonly idleMs?: number;
  readonly signal?: AbortSignal;
}

/** Longest delay that a timer takes; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Watches for a reason to end a run; the first one stands. Timers run on the monotonic clock. */
export function createStop(spec: StopSpec) {
  let limit: 'wall' | 'idle' = 'wall';
  let because: (stop: Stop) => void = () => {};
  const reached = new Promise<Stop>((resolve) => (because = resolve));
  const wall = setTimeout(() => because('timed-out'), Math.min(spec.wallMs, LONGEST_TIMER_MS));
  let idle: NodeJS.Timeout | undefined;
  const onAbort = (): void => because('cancelled');
  spec.signal?.addEventListener('abort', onAbort, { once: true });
  return {
    reached,
    because: (stop: Stop) => because(stop),
    limit: () => limit,
    watch(lastByteAt: () => number): void {
      const idleMs = spec.idleMs;
      if (idleMs === undefined) return;
      const look = (): void => {
        const left = lastByteAt() + idleMs - performance.now();
        if (left > 0) {
          idle = setTimeout(look, Math.min(left, LONGEST_TIMER_MS));
          return;
        }
        limit = 'idle';
        because('timed-out');
      };
      look();
    },
    close(): void {
      clearTimeout(wall);
      clearTimeout(idle);
      spec.signal?.removeEventListener('abort', onAbort);
    },
  };
}
