import { asyncLocalStorage } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { isFailureType, retried, type FailureType } from '../../workflows/domain/failure.ts';
import { forgeErrors } from '../../workflows/domain/forge/error-kind.ts';
import { headOf } from '../text/cut.ts';
import { ForgeError } from './forge-error.ts';
import { GitError, GitFailure, GitUnanswered } from './git-error.ts';
import { scrub } from '../text/scrub.ts';

/** Longest message in history: Temporal stores it with every attempt and shows it in the Web UI. */
const MESSAGE_BYTES = 2048;

/** What a failure carries besides its message. */
export interface FailureOptions {
  /** Facts for the workflow, as JSON. */
  readonly details?: unknown;
  /** Only if this case differs from `retried` of its type. */
  readonly nonRetryable?: boolean;
  /** The wait that the other side asked for, instead of the policy's backoff. */
  readonly nextRetryDelayMs?: number;
}

/** Makes the failure that an activity throws to a workflow: scrubbed of credentials, at most 2 KB, without cause or stack. */
export function failure(type: FailureType, message: string, options: FailureOptions = {}): ApplicationFailure {
  const made = ApplicationFailure.create({
    type,
    message: short(scrub(message)),
    nonRetryable: options.nonRetryable ?? !retried[type],
    ...(options.details === undefined ? {} : { details: [scrubbed(options.details)] }),
    ...(options.nextRetryDelayMs === undefined ? {} : { nextRetryDelay: options.nextRetryDelayMs }),
  });
  made.stack = ''; // it would name paths of this machine, and history is read elsewhere
  return made;
}

/** Maps our typed errors to failures; returns Temporal's own, cancellations and bugs unchanged. */
export function toFailure(error: unknown): unknown {
  if (error instanceof ForgeError) return fromForge(error);
  if (error instanceof GitError)
    return saying('WorktreeBroken', error.message, { details: { exitCode: error.exitCode } });
  if (error instanceof GitFailure || error instanceof GitUnanswered)
    return saying(error.name, error.message, { details: detailsOf(error) });
  if (error instanceof Error && isFailureType(error.name))
    return failure(error.name, error.message, { details: detailsOf(error) });
  return error;
}

/** Wraps activities so that each throws only what a workflow can read. */
export function guarded<T extends Readonly<Record<string, Activity>>>(activities: T): T {
  return Object.fromEntries(Object.entries(activities).map(([name, activity]) => [name, guard(activity)])) as T;
}

type Activity = (...args: never[]) => Promise<unknown>;

function guard(activity: Activity): Activity {
  return async (...args) => {
    try {
      return await activity(...args);
    } catch (error) {
      throw toFailure(error);
    }
  };
}

function fromForge(error: ForgeError): ApplicationFailure {
  const { failure: type, againMs, tries } = forgeErrors[error.kind];
  const delay = error.retryAfterMs ?? againMs ?? null;
  const isRetried = retried[type] || (tries !== undefined && triesSoFar(tries) < tries);
  return saying(type, error.message, {
    details: { kind: error.kind, status: error.status },
    nonRetryable: !isRetried,
    ...(delay === null ? {} : { nextRetryDelayMs: delay }),
  });
}

/** A failure whose message says at its end whether and when it is tried again. */
function saying(type: FailureType, message: string, options: FailureOptions): ApplicationFailure {
  const isRetried = !(options.nonRetryable ?? !retried[type]);
  const words = whetherRetried(isRetried, options.nextRetryDelayMs ?? null);
  return failure(type, `${short(message, MESSAGE_BYTES - 100)} (${words})`, options);
}

/** Readers of the Web UI want to know whether to wait. */
function whetherRetried(isRetried: boolean, delayMs: number | null): string {
  if (!isRetried) return 'not tried again by itself';
  if (delayMs === null) return 'tried again by itself, with growing pauses';
  return `tried again by itself in ${Math.max(1, Math.round(delayMs / 1000))} s`;
}

/** How often this activity was tried; outside of one nobody tries again, so that all tries are over. */
function triesSoFar(all: number): number {
  return asyncLocalStorage.getStore()?.info.attempt ?? all;
}

/** Facts that a typed error carries for the workflow, in its `details`. */
function detailsOf(error: Error): unknown {
  return 'details' in error ? error.details : undefined;
}

function scrubbed(details: unknown): unknown {
  const text = JSON.stringify(details);
  return text === undefined ? undefined : (JSON.parse(scrub(text)) as unknown);
}

function short(message: string, most = MESSAGE_BYTES): string {
  return Buffer.byteLength(message) <= most ? message : `${headOf(message, most - 4)}…`;
}
