import type { AttemptHeartbeat } from '../../workflows/domain/attempt.ts';

/** The facts that beats carry; changed in place, sent with the next beat. */
export interface Pulse {
  readonly signal: AbortSignal;
  now(): AttemptHeartbeat;
  /** Changes what the next beat says. */
  set(change: Partial<AttemptHeartbeat>): void;
  /** The same, sent at once: for facts that a retry needs. */
  send(change: Partial<AttemptHeartbeat>): void;
}
