import { TimeoutType } from '@temporalio/common';
import { ActivityFailure, ApplicationFailure, isCancellation, TimeoutFailure } from '@temporalio/workflow';
import { isFailureType, type FailureType } from './domain/failure.ts';

/** A failure of ours that stopped an activity. */
export interface KnownFailure {
  readonly type: FailureType;
  readonly message: string;
  /** First detail of the failure; its shape depends on the type (`AttemptLeftover` for crashed and stalled agents). */
  readonly details: unknown;
}

/** Reads a failure that an activity threw; null: it is not ours, but a bug or Temporal's own: rethrow it. */
export function knownFailure(error: unknown): KnownFailure | null {
  if (!(error instanceof ActivityFailure) || !(error.cause instanceof ApplicationFailure)) return null;
  const { type, message, details } = error.cause;
  return isFailureType(type) ? { type, message, details: details?.[0] } : null;
}

/** Whether no worker of a host took a step in time: the host's disk is out of reach. */
export function isHostLost(error: unknown): boolean {
  return (
    error instanceof ActivityFailure &&
    error.cause instanceof TimeoutFailure &&
    error.cause.timeoutType === TimeoutType.SCHEDULE_TO_START
  );
}

/** The host is lost, and its preparation on another host gave a reason not to go on. */
export class NotTakenOver extends Error {
  override readonly name = 'NotTakenOver';
}

/** Whether an activity ran out of time for good. */
export function isTimedOut(error: unknown): boolean {
  return error instanceof ActivityFailure && error.cause instanceof TimeoutFailure;
}

/** Why a message did not arrive. */
export interface Undelivered {
  /** The receiver is over, and one that is started in its place can be asked. False: it is open, and takes no more. */
  readonly closed: boolean;
  readonly why: string;
}

/** Sends a message and returns why it did not arrive, which is an answer, not a failure; null: it arrived. */
export async function undelivered(message: Promise<void>): Promise<Undelivered | null> {
  try {
    await message;
    return null;
  } catch (error) {
    if (isCancellation(error)) throw error;
    const why = error instanceof Error ? error.message : String(error);
    return { closed: why.endsWith('not found'), why }; // the SDK has no other sign of it
  }
}

/** Sends a message and returns whether it arrived: its receiver may be closed by now, or take no more. */
export async function reached(message: Promise<void>): Promise<boolean> {
  return (await undelivered(message)) === null;
}

/** Refuses what a person asked for, with a sentence that says why it makes no sense now. */
export function refuse(message: string): never {
  throw ApplicationFailure.create({ type: 'NotNow', message, nonRetryable: true });
}
