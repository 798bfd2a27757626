import { Context } from '@temporalio/activity';
import type { AttemptHeartbeat } from '../workflows/domain/attempt.ts';
import { cleanLine } from '../workflows/domain/words.ts';

/** How often an activity beats; with the worker's throttle of 5 s a cancel arrives within 5 s. */
const BEAT_MS = 4_000;

/** Largest heartbeat, bytes of JSON: history and every describe carry it. */
const BEAT_BYTES = 1_024;

/** The facts that beats carry; changed in place, sent with the next beat. */
export interface Pulse {
  readonly signal: AbortSignal;
  now(): AttemptHeartbeat;
  /** Changes what the next beat says. */
  set(change: Partial<AttemptHeartbeat>): void;
  /** The same, sent at once: for facts that a retry needs. */
  send(change: Partial<AttemptHeartbeat>): void;
}

/** Runs the body of an activity under a heartbeat. A cancelled one throws the signal's reason, whatever broke in it. */
export async function withHeartbeat<T>(first: AttemptHeartbeat, body: (pulse: Pulse) => Promise<T>): Promise<T> {
  const ctx = Context.current(); // kept: in timers and abort listeners there is no context
  const signal = ctx.cancellationSignal;
  let details = first;
  const beat = (): void => ctx.heartbeat(fitted(details));
  const timer = setInterval(beat, BEAT_MS);
  const set = (change: Partial<AttemptHeartbeat>): void => {
    details = { ...details, ...change };
  };
  try {
    beat();
    return await body({
      signal,
      now: () => details,
      set,
      send(change) {
        set(change);
        beat();
      },
    });
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
