import PQueue from 'p-queue';
import { ANSWER_MS, type Connection } from '../../http/connection.ts';
import { ForgeError } from '../../../failure/forge-error.ts';
import { createAnswerCache, type KnownAnswer } from './answer-cache.ts';
import { limitTold, requestKind } from './limit.ts';

type Init = RequestInit & { readonly headers?: Record<string, string> };

/** Most requests at once for one repository: GitHub allows an account a hundred. */
const AT_ONCE = 10;

/** Statuses whose answers have no body; `Response` refuses to be made with one. */
const bodiless = new Set([204, 205, 304]);

/**
 * `fetch` for one account: its turn, its token, a time limit and what the answer says of limits. The whole body is read
 * here, since Octokit takes a body that breaks off for an empty answer.
 */
export function createTransport({ credential, pace }: Connection): (url: string, init: Init) => Promise<Response> {
  const cache = createAnswerCache();
  const open = new PQueue({ concurrency: AT_ONCE });

  return async (url, init) => {
    const path = plainPath(url);
    const method = init.method ?? 'GET';
    await pace.turn(requestKind(method, path, init.body));
    const headers = new Headers(init.headers);
    headers.set('authorization', `token ${await credential.token()}`);
    const known = method === 'GET' ? cache.get(url) : undefined;
    if (known) headers.set('if-none-match', known.etag);
    const { answer, body } = await open.add(async () => {
      // The time limit begins here: waiting for a turn is not the forge's silence.
      const answer = await fetch(url, { ...init, headers, signal: AbortSignal.timeout(ANSWER_MS) });
      return { answer, body: await answer.text() };
    });
    const fields = [...answer.headers];
    const told = limitTold({ status: answer.status, headers: Object.fromEntries(fields), text: body }, Date.now());
    // The answer matters more than the limiter's file: after a write it says what exists.
    if (told) await pace.learn(told).catch(() => undefined);
    if (answer.status === 304 && known)
      return responseOf(url, { status: 200, body: known.body, headers: merged(known, fields) });
    const etag = answer.headers.get('etag');
    if (method === 'GET' && answer.status === 200 && etag !== null && isJson(body))
      cache.put(url, { etag, headers: fields, body });
    return responseOf(url, { status: answer.status, body, headers: fields });
  };
}

/** A truncated text must not be cached: its ETag would bring it back for as long as nothing changes. */
function isJson(body: string): boolean {
  try {
    JSON.parse(body);
    return true;
  } catch {
    return false;
  }
}

/** Links and type of the page are the known ones; only the rest of the limit is new. */
function merged(known: KnownAnswer, fresh: readonly (readonly [string, string])[]): [string, string][] {
  return [...new Map([...known.headers, ...fresh.filter(([name]) => name.startsWith('x-ratelimit-'))])];
}

interface Parts {
  readonly status: number;
  readonly body: string;
  readonly headers: readonly (readonly [string, string])[];
}

function responseOf(url: string, { status, body, headers }: Parts): Response {
  const response = new Response(bodiless.has(status) ? null : body, {
    status,
    headers: new Headers([...headers].map(([name, value]) => [name, value])),
  });
  return Object.defineProperty(response, 'url', { value: url });
}

/** @throws ForgeError `invalid` where a name in the path would lead to another one (`..`). */
function plainPath(url: string): string {
  const { origin, pathname } = new URL(url);
  const asked = url.slice(origin.length).split(/[?#]/, 1)[0] ?? '';
  if (asked === pathname) return pathname;
  throw new ForgeError('invalid', `not a path of the API: ${JSON.stringify(asked.slice(0, 200))}`);
}
