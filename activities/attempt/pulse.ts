import type { AttemptHeartbeat } from '../../workflows/domain/attempt.ts';

/** The facts that the beats of an activity carry. */
export interface Pulse {
  readonly signal: AbortSignal;
  now(): AttemptHeartbeat;
  /** Changes what the next beat says. */
  set(change: Partial<AttemptHeartbeat>): void;
  /** The same, and beats at once: for facts that a retry needs. */
  send(change: Partial<AttemptHeartbeat>): void;
}
