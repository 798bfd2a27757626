import type { ForgeErrorKind } from '../../../workflows/domain/forge/error-kind.ts';
import { ForgeError } from '../../failure/forge-error.ts';
import { mayBeThere } from '../http/ensure.ts';
import { hint, wordsIn, type GiteaRefusal } from './error-words.ts';

/** Wait after a limit whose end was not told. */
const LIMITED_MS = 60_000;

/** What Gitea says with 405 and 409 when the same call may work a little later. */
const notReady = /please try again later|base branch was modified|pushrejected|merge push out of date/i;

/** What Gitea says with 405 when a rule of the repository forbids a merge. */
const ruled =
  /required status check|not all required|approving review|enough approvals|still a draft|work in progress|behind the base branch|not allowed to merge/i;

const limited = /secondary rate|abuse detection|rate limit/i;

/** The error of a refusal, in Gitea's own words, with the missing scope if Gitea names one. */
export function refusedError(refusal: GiteaRefusal): ForgeError {
  const { operation, status } = refusal;
  const words = wordsIn(refusal.text);
  const kind = kindOf(refusal, words);
  const retryAfterMs = retryAfter(refusal.headers) ?? (kind === 'rate-limit' ? LIMITED_MS : null);
  const message = `${operation}: Gitea answered ${status}: ${words || 'nothing'}${hint(kind, refusal)}`;
  return new ForgeError(kind, message, {
    operation,
    status,
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
  });
}

/** No readable answer: nobody knows whether a write was done. */
export function unansweredError(operation: string, error: unknown): ForgeError {
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
  const words = `${error instanceof Error ? error.message : String(error)}${cause}`;
  return new ForgeError('network', `${operation}: no answer: ${words}`, { operation });
}

/** An answer that is not of Gitea's shape: the page of a proxy, or half an answer. */
export function unreadableError(operation: string, problem: string): ForgeError {
  return new ForgeError('response-invalid', `${operation}: not an answer of Gitea: ${problem}`, { operation });
}

/** Whether a write that failed so may still have been done. */
export function mayBeDone(error: unknown): error is ForgeError {
  // `rejected` is Gitea's 500 without words, which it also sends after doing the work.
  return error instanceof ForgeError && (mayBeThere(error) || error.kind === 'rejected');
}

function kindOf({ operation, status, headers, text }: GiteaRefusal, words: string): ForgeErrorKind {
  const isRead = operation.startsWith('GET ');
  switch (status) {
    case 401:
      return 'auth';
    case 403:
      if (headers.has('retry-after') || limited.test(words)) return 'rate-limit';
      return /archived/i.test(words) ? 'read-only' : 'forbidden';
    case 404:
      // If there is no such route the router answers, not the API.
      return isJson(headers) ? 'not-found' : 'unsupported';
    case 405:
      if (text === '') return 'unsupported';
      if (notReady.test(words)) return 'merge-not-ready';
      return ruled.test(words) ? 'merge-blocked' : 'not-mergeable';
    case 408:
      return 'server';
    case 409:
      return conflictOf(words);
    case 410:
      return 'not-found';
    case 412:
      return /open dependencies|already merged/i.test(words) ? 'conflict' : 'invalid';
    case 422:
      return unprocessable(words);
    case 423:
      return 'read-only';
    case 429:
      return 'rate-limit';
    case 451:
      return 'unsupported';
    case 500:
      return !isRead && isJson(headers) && words === '' ? 'rejected' : 'server';
    default:
      return status > 500 ? 'server' : 'invalid';
  }
}

function conflictOf(words: string): ForgeErrorKind {
  if (notReady.test(words)) return 'merge-not-ready';
  if (/head branch was modified|head out of date/i.test(words)) return 'stale-head';
  if (/issue is already changed/i.test(words)) return 'changed';
  return /already exists/i.test(words) ? 'already-exists' : 'conflict';
}

function unprocessable(words: string): ForgeErrorKind {
  if (/own pull/i.test(words)) return 'self-review';
  if (/already exists/i.test(words)) return 'already-exists';
  if (/could not be resolved|must be part of the diff/i.test(words)) return 'bad-position';
  return /no commits between/i.test(words) ? 'no-commits' : 'invalid';
}

function isJson(headers: Headers): boolean {
  return headers.get('content-type')?.includes('json') ?? false;
}

function retryAfter(headers: Headers): number | null {
  const value = headers.get('retry-after');
  if (value === null) return null;
  const ms = /^\d{1,6}$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
}
