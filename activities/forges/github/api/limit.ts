import type { LimitTold, RequestKind } from '../../../../workflows/domain/forge/pace.ts';

/** The parts of an answer that tell of limits; header names are in lower case. */
export interface Told {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
  readonly text: string;
}

/** GitHub's own advice where a secondary limit names no time. */
const SECONDARY_MS = 60_000;

const limitWords = /secondary rate|abuse detection|rate limit/i;

/** How long we must not ask; null: this answer is not about a limit. */
export function limitWaitMs(told: Told, now: number): number | null {
  const after = retryAfterMs(told, now);
  const limited = told.status === 429 || (told.status === 403 && (after !== null || limitWords.test(told.text)));
  if (!limited) return null;
  if (after !== null) return after;
  const resetsAt = numberIn(told, 'x-ratelimit-reset');
  const isUsedUp = numberIn(told, 'x-ratelimit-remaining') === 0 && resetsAt !== null;
  return isUsedUp ? Math.max(1_000, resetsAt * 1_000 + 1_000 - now) : SECONDARY_MS;
}

/** `Retry-After` in milliseconds: a number of seconds, or a date. */
export function retryAfterMs(told: Pick<Told, 'headers'>, now: number): number | null {
  const value = told.headers['retry-after'];
  if (value === undefined || value === '') return null;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1_000);
  const date = Date.parse(String(value));
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

/** What the limiter of the account learns from an answer; null: nothing. */
export function limitTold(told: Told, now: number): LimitTold | null {
  const waitMs = limitWaitMs(told, now);
  const resource = told.headers['x-ratelimit-resource'] ?? 'core';
  // Search and GraphQL have windows of their own, whose figures must not pass for those of the REST API.
  const isCore = resource === 'core';
  const resetsAt = isCore ? numberIn(told, 'x-ratelimit-reset') : null;
  const limit = isCore ? numberIn(told, 'x-ratelimit-limit') : null;
  if (waitMs === null && limit === null && resetsAt === null) return null;
  return {
    limit,
    remaining: isCore ? numberIn(told, 'x-ratelimit-remaining') : null,
    resetsAt: resetsAt === null ? null : resetsAt * 1_000,
    blockedUntil: waitMs === null ? null : now + waitMs,
  };
}

const content = /\/(issues|pulls|comments|replies|reviews|merge)$/;

/** The kind of a request; a merge and everything that notifies people is content. */
export function requestKind(method: string, path: string, body: unknown): RequestKind {
  if (method === 'GET' || method === 'HEAD') return path.includes('/search/') ? 'search' : 'read';
  if (path.endsWith('/graphql')) return graphqlKind(String(body));
  return method !== 'DELETE' && method !== 'PATCH' && content.test(path) ? 'content' : 'write';
}

function graphqlKind(body: string): RequestKind {
  if (!/^\{"query":"\s*mutation\b/.test(body)) return 'read';
  return body.includes('addPullRequestReviewThreadReply(') ? 'content' : 'write';
}

function numberIn({ headers }: Pick<Told, 'headers'>, name: string): number | null {
  const value = Number(headers[name] ?? Number.NaN);
  return Number.isFinite(value) ? value : null;
}
