import { Context } from '@temporalio/activity';
import type { AttemptHeartbeat } from '../workflows/domain/attempt.ts';
import { cleanLine } from '../workflows/domain/words.ts';
import type { Pulse } from './attempt/pulse.ts';

/** How often an activity beats. A cancel arrives with the answer to a beat: within 5 s, by the worker's throttle. */
const BEAT_MS = 4_000;

/** Largest heartbeat, bytes of JSON: history and every describe carry it. */
const BEAT_BYTES = 1_024;

/** Runs the body of an activity under a heartbeat that carries facts; the first beat goes out before the body begins. */
export function withHeartbeat<T>(first: AttemptHeartbeat, body: (pulse: Pulse) => Promise<T>): Promise<T> {
  const context = Context.current();
  let details = first;
  const beat = (): void => context.heartbeat(fitted(details));
  const set = (change: Partial<AttemptHeartbeat>): void => {
    details = { ...details, ...change };
  };
  const send = (change: Partial<AttemptHeartbeat>): void => {
    set(change);
    beat();
  };
  return underBeats(context, beat, () => {
    beat();
    return body({ signal: context.cancellationSignal, now: () => details, set, send });
  });
}

/** The same activities, each under a heartbeat without facts while it runs. */
export function beating<T extends Readonly<Record<string, Activity>>>(activities: T): T {
  return Object.fromEntries(Object.entries(activities).map(([name, activity]) => [name, beatingOne(activity)])) as T;
}

type Activity = (...args: never[]) => Promise<unknown>;

function beatingOne(activity: Activity): Activity {
  return async (...args) => {
    const context = Context.current();
    return underBeats(
      context,
      () => context.heartbeat(),
      () => activity(...args),
    );
  };
}

/** Throws where this activity was cancelled or timed out: another attempt of it may be at work, so it must not act. */
export function stillOurs(): void {
  Context.current().cancellationSignal.throwIfAborted();
}

/** Beats until the body ends. A cancelled one throws the signal's reason, whatever broke in it. */
async function underBeats<T>(context: Context, beat: () => void, body: () => Promise<T>): Promise<T> {
  const { cancellationSignal: signal } = context; // the context is passed on: timers have none
  const timer = setInterval(beat, BEAT_MS);
  try {
    return await body();
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw error;
  } finally {
    clearInterval(timer);
  }
}

/** Shortens the last line until the beat fits; two hundred characters can be eight hundred bytes. */
function fitted(details: AttemptHeartbeat): AttemptHeartbeat {
  let lastLine = printable(details.lastLine);
  while (lastLine !== '' && Buffer.byteLength(JSON.stringify({ ...details, lastLine })) > BEAT_BYTES) {
    lastLine = Array.from(lastLine).slice(0, -20).join('');
  }
  return { ...details, lastLine };
}

/** At most 200 characters of one line, without what moves a terminal's cursor. */
function printable(line: string): string {
  return cleanLine(line.slice(0, 4_000).replace(/\u001B\[[0-9;?]*[ -/]*[@-~]/g, ''), 200);
}
