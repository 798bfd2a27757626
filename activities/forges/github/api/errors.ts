import type { ForgeErrorKind } from '../../../../workflows/domain/forge/error-kind.ts';
import { ForgeError } from '../../../failure/forge-error.ts';
import { limitWaitMs, retryAfterMs, type Told } from './limit.ts';
import { scopeWords, wordsIn } from './error-words.ts';

type Rule = { readonly statuses: readonly number[]; readonly words?: RegExp; readonly kind: ForgeErrorKind };

/** First match wins; wording counts only within its status. */
const rules: readonly Rule[] = [
  { statuses: [401], kind: 'auth' },
  { statuses: [403, 423], words: /archived|read-?only/i, kind: 'read-only' },
  { statuses: [423], kind: 'read-only' },
  { statuses: [403], kind: 'forbidden' },
  { statuses: [404, 410], kind: 'not-found' },
  { statuses: [451], kind: 'unsupported' },
  {
    statuses: [405, 409],
    words: /please try again later|base branch was modified|merge already in progress/i,
    kind: 'merge-not-ready',
  },
  {
    statuses: [405],
    words:
      /required status check|not all required status|status checks? .*(expected|not succeeded)|approving review|enough approvals|still a draft|work in progress|behind the base branch|not allowed to merge|rule violations|changes must be made|protected branch|waiting on|verified signatures|conversation/i,
    kind: 'merge-blocked',
  },
  { statuses: [409], words: /head branch was modified|head out of date/i, kind: 'stale-head' },
  { statuses: [409], words: /already changed/i, kind: 'changed' },
  { statuses: [409, 422], words: /already[ _]exists/i, kind: 'already-exists' },
  { statuses: [409], kind: 'conflict' },
  { statuses: [412], words: /open dependencies|already merged/i, kind: 'conflict' },
  { statuses: [405], kind: 'not-mergeable' },
  { statuses: [422], words: /own pull/i, kind: 'self-review' },
  { statuses: [422], words: /could not be resolved|must be part of the diff|review[ _]?thread/i, kind: 'bad-position' },
  { statuses: [422], words: /no commits between/i, kind: 'no-commits' },
];

/** The ForgeError for whatever Octokit threw; an error that is no answer of a forge is a bug and comes back unchanged. */
export function forgeErrorOf(error: unknown, operation: string): unknown {
  if (error instanceof ForgeError || !(error instanceof Error)) return error;
  if (error.name === 'HttpError' || error.name === 'AbortError') return httpError(error, operation);
  if (error.name === 'GraphqlResponseError') return graphqlError(error, operation);
  return error;
}

/** The error for a redirect: following it would turn a write into a read. */
export function movedError(status: number, operation: string): ForgeError {
  const mend = 'it was renamed or moved: write its new name into `forge.repo`, or into the URL of origin';
  return new ForgeError('invalid', `${operation}: ${status}, the repository has moved; ${mend}`, {
    operation,
    status,
  });
}

function httpError(error: Error, operation: string): unknown {
  if (!('response' in error) || !error.response) {
    // Octokit says status 500 here although there was no answer.
    if (error.cause instanceof ForgeError) return error.cause;
    return new ForgeError('network', `${operation}: no answer: ${reasonsOf(error)}`, { operation });
  }
  const told = toldBy(error);
  const waitMs = limitWaitMs(told, Date.now());
  if (waitMs !== null) return limited(told, operation);
  const { status } = told;
  const kind = kindOf(status, told.text);
  const after = retryAfterMs(told, Date.now());
  return new ForgeError(kind, `${operation}: ${status} ${wordsIn(told.text)}${scopeWords(told)}`, {
    operation,
    status,
    ...(after === null ? {} : { retryAfterMs: after }),
  });
}

function kindOf(status: number, text: string): ForgeErrorKind {
  if (status >= 500) return 'server';
  const rule = rules.find(({ statuses, words }) => statuses.includes(status) && (words?.test(text) ?? true));
  return rule?.kind ?? 'invalid';
}

function limited(told: Told, operation: string): ForgeError {
  const waitMs = limitWaitMs({ ...told, status: 429 }, Date.now()) ?? 0;
  const words = `${operation}: ${told.status} ${wordsIn(told.text)}: not before ${Math.ceil(waitMs / 1_000)} s from now`;
  return new ForgeError('rate-limit', words, { operation, status: told.status, retryAfterMs: waitMs });
}

/** Types of GraphQL errors. They come with status 200, and some errors have no type at all. */
const graphqlKinds: Readonly<Record<string, ForgeErrorKind>> = {
  NOT_FOUND: 'not-found',
  FORBIDDEN: 'forbidden',
  INSUFFICIENT_SCOPES: 'forbidden',
  UNPROCESSABLE: 'invalid',
  SERVICE_UNAVAILABLE: 'server',
  INTERNAL: 'server',
  LOOP_DETECTED: 'server',
};

function graphqlError(error: Error, operation: string): ForgeError {
  const errors = 'errors' in error && Array.isArray(error.errors) ? (error.errors as readonly unknown[]) : [];
  const told = { ...toldBy(error), text: JSON.stringify({ errors }) };
  const types = errors.map((each) => (isRecord(each) && typeof each['type'] === 'string' ? each['type'] : ''));
  if (types.includes('RATE_LIMITED')) return limited(told, operation);
  const known = types.flatMap((type) => graphqlKinds[type] ?? []);
  const kind = known[0] ?? (/something went wrong|timed? ?out|timeout/i.test(error.message) ? 'server' : 'rejected');
  return new ForgeError(kind, `${operation}: ${wordsIn(told.text)}${scopeWords(told)}`, {
    operation,
    status: 200,
  });
}

/** The answer in an error: Octokit keeps it in `response`, and the headers of GraphQL beside it. */
function toldBy(error: Error): Told {
  const response = 'response' in error && isRecord(error.response) ? error.response : {};
  const headers = isRecord(response['headers']) ? response['headers'] : 'headers' in error ? error.headers : {};
  const { data } = response;
  return {
    status: typeof response['status'] === 'number' ? response['status'] : 200,
    headers: isRecord(headers) ? (headers as Told['headers']) : {},
    text: typeof data === 'string' ? data : JSON.stringify(data ?? ''),
  };
}

/** The innermost reason says most: `fetch failed` is the outer one. */
function reasonsOf(error: Error): string {
  const reasons = [error.message];
  let cause = error.cause;
  for (let depth = 0; depth < 5 && cause instanceof Error; depth += 1) {
    reasons.push(
      'code' in cause && typeof cause.code === 'string' ? `${cause.message} (${cause.code})` : cause.message,
    );
    cause = cause.cause;
  }
  return wordsIn([...new Set(reasons.filter((reason) => reason !== ''))].toReversed().join(', of: '));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
