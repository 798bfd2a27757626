import { Context } from '@temporalio/activity';

/** How often a waiting activity beats; a cancel arrives with the answer to a beat. */
const BEAT_MS = 4_000;

/** The same activities, each beating while it runs; a cancelled one throws the signal's reason, whatever broke in it. */
export function beating<T extends object>(activities: T): T {
  const entries = Object.entries(activities).map(([name, value]: [string, unknown]) => [name, beat(value)]);
  return Object.fromEntries(entries) as T;
}

function beat(value: unknown): unknown {
  if (typeof value !== 'function') return value;
  return async (...args: unknown[]): Promise<unknown> => {
    const context = Context.current(); // kept: a timer has no context
    const timer = setInterval(() => context.heartbeat(), BEAT_MS);
    try {
      return await (value(...args) as Promise<unknown>);
    } catch (error) {
      if (context.cancellationSignal.aborted) throw context.cancellationSignal.reason;
      throw error;
    } finally {
      clearInterval(timer);
    }
  };
}
