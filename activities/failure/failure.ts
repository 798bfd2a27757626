import { asyncLocalStorage } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { isFailureType, retried, type FailureType } from '../../workflows/domain/failure.ts';
import { headOf } from '../text/cut.ts';
import { ForgeError, type ForgeErrorKind } from './forge-error.ts';
import { GitError, GitFailure, GitUnanswered } from '../git/git.ts';
import { scrub } from '../text/scrub.ts';

/** Longest message in history: Temporal stores it with every attempt and shows it in the Web UI. */
const MESSAGE_BYTES = 2048;

/** Wait before a merge that the forge was not ready for: Gitea needs 1 to 5 s after each attempt. */
const NOT_READY_MS = 5_000;

export interface FailureOptions {
  /** Facts for the workflow, as JSON. */
  readonly details?: unknown;
  /** Only where one case differs from `retried` of its type. */
  readonly nonRetryable?: boolean;
  /** Instead of the policy's backoff: what the other side asked for. */
  readonly nextRetryDelayMs?: number;
}

/** Makes what an activity throws to a workflow: credentials scrubbed, at most 2 KB, no cause and no stack of ours. */
export function failure(type: FailureType, message: string, options: FailureOptions = {}): ApplicationFailure {
  const made = ApplicationFailure.create({
    type,
    message: short(scrub(message)),
    nonRetryable: options.nonRetryable ?? !retried[type],
    ...(options.details === undefined ? {} : { details: [scrubbed(options.details)] }),
    ...(options.nextRetryDelayMs === undefined ? {} : { nextRetryDelay: options.nextRetryDelayMs }),
  });
  made.stack = ''; // it names paths of this machine, and history is read elsewhere
  return made;
}

/** Maps our typed errors to failures; Temporal's own, cancellation and bugs come back as they are. */
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

/** The same activities, each throwing only what a workflow can read. */
export function guarded<T extends object>(activities: T): T {
  const entries = Object.entries(activities).map(([name, value]: [string, unknown]) => [name, guard(value)]);
  return Object.fromEntries(entries) as T;
}

function guard(value: unknown): unknown {
  if (typeof value !== 'function') return value;
  return async (...args: unknown[]): Promise<unknown> => {
    try {
      return await (value(...args) as Promise<unknown>);
    } catch (error) {
      throw toFailure(error);
    }
  };
}

/** Answers that make no sense are asked for again: a proxy on the way may have been restarted. Then it is no accident. */
const NONSENSE_TRIES = 3;

function fromForge(error: ForgeError): ApplicationFailure {
  const details = { kind: error.kind, status: error.status };
  const delay = error.retryAfterMs ?? delayOf(error.kind);
  const type = forgeFailure(error.kind);
  const isRetried = error.kind === 'response-invalid' ? tries() < NONSENSE_TRIES : retried[type];
  return saying(type, error.message, {
    details,
    nonRetryable: !isRetried,
    ...(delay === null ? {} : { nextRetryDelayMs: delay }),
  });
}

/** A failure whose message ends with whether it is tried again, and when. */
function saying(type: FailureType, message: string, options: FailureOptions): ApplicationFailure {
  const isRetried = !(options.nonRetryable ?? !retried[type]);
  const words = whetherRetried(isRetried, options.nextRetryDelayMs ?? null);
  return failure(type, `${short(message, MESSAGE_BYTES - 100)} (${words})`, options);
}

/** Whoever reads it in the Web UI wants to know whether to wait. */
function whetherRetried(isRetried: boolean, delayMs: number | null): string {
  if (!isRetried) return 'not tried again by itself';
  if (delayMs === null) return 'tried again by itself, with growing pauses';
  return `tried again by itself in ${Math.max(1, Math.round(delayMs / 1000))} s`;
}

/** How often this activity was tried; outside of one there is nobody who tries again. */
function tries(): number {
  return asyncLocalStorage.getStore()?.info.attempt ?? NONSENSE_TRIES;
}

function forgeFailure(kind: ForgeErrorKind): FailureType {
  switch (kind) {
    case 'network':
    case 'server':
    case 'merge-not-ready': // both pass by themselves: the same call later is the answer
    case 'changed':
      return 'ForgeUnavailable';
    case 'rate-limit':
      return 'ForgeRateLimited';
    case 'response-invalid':
      return 'ForgeResponseInvalid';
    case 'merge-blocked':
    case 'stale-head':
    case 'conflict':
    case 'not-mergeable':
    case 'already-exists':
    case 'self-review':
    case 'bad-position':
    case 'no-commits':
    case 'invalid':
    case 'auth':
    case 'forbidden':
    case 'read-only':
    case 'not-found':
    case 'unsupported':
    case 'rejected':
      return 'ForgeRejected';
  }
}

function delayOf(kind: ForgeErrorKind): number | null {
  return kind === 'merge-not-ready' ? NOT_READY_MS : null;
}

/** Facts that a typed error carries for the workflow, under the name `details`. */
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
