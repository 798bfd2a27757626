import { TimeoutType } from '@temporalio/common';
import { ActivityFailure, ApplicationFailure, isCancellation, TimeoutFailure } from '@temporalio/workflow';
import { isFailureType, type FailureType } from './domain/failure.ts';

/** What stopped an activity, as far as it is one of ours. */
export interface KnownFailure {
  readonly type: FailureType;
  readonly message: string;
  /** First detail of the failure; shape by type (`AttemptLeftover` for crashed and stalled agents). */
  readonly details: unknown;
}

/** Reads a failure that an activity threw; null: not one of ours, so it is a bug or Temporal's own: rethrow it. */
export function knownFailure(error: unknown): KnownFailure | null {
  if (!(error instanceof ActivityFailure) || !(error.cause instanceof ApplicationFailure)) return null;
  const { type, message, details } = error.cause;
  return isFailureType(type) ? { type, message, details: details?.[0] } : null;
}

/** A host did not take a step in time: its disk is out of reach. */
export function isHostLost(error: unknown): boolean {
  return (
    error instanceof ActivityFailure &&
    error.cause instanceof TimeoutFailure &&
    error.cause.timeoutType === TimeoutType.SCHEDULE_TO_START
  );
}

/** The host is lost and no other one goes on with it, for a reason that its preparation there told. */
export class NotTakenOver extends Error {
  override readonly name = 'NotTakenOver';
}

/** An activity ran out of its time limits for good. */
export function isTimedOut(error: unknown): boolean {
  return error instanceof ActivityFailure && error.cause instanceof TimeoutFailure;
}

/** Why a message did not arrive. */
export interface Undelivered {
  /** Its receiver is over: whoever is started in its place can be asked. Else it takes no more, and never will. */
  readonly closed: boolean;
  readonly why: string;
}

/** Sends a message; null: it arrived. That it did not is an answer and no failure. */
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

/** Whether a message arrived; its receiver may be closed by now, or take no more. */
export async function reached(message: Promise<void>): Promise<boolean> {
  return (await undelivered(message)) === null;
}

/** Refuses what a person asked for, with a sentence: it makes no sense as things stand. */
export function refuse(message: string): never {
  throw ApplicationFailure.create({ type: 'NotNow', message, nonRetryable: true });
}
