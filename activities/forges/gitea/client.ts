import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { RequestKind } from '../../../workflows/domain/forge/pace.ts';
import { ForgeError } from '../../failure/forge-error.ts';
import { ANSWER_MS, type Connection } from '../http/connection.ts';
import { namingLogin } from '../http/refused-login.ts';
import { tailOf } from '../http/tail.ts';
import { refusedError, unansweredError, unreadableError } from './errors.ts';

/** Requests to one Gitea in our name; each is sent once, whatever the result. */
export interface Client {
  /** `/repos/owner/name`. */
  readonly repository: string;
  /** Makes a page address of Gitea's absolute. */
  page(url: string): string;
  get<T>(path: string, schema: z.ZodType<T>): Promise<T>;
  /** All pages of a list. */
  list<T>(path: string, schema: z.ZodType<readonly T[]>): Promise<readonly T[]>;
  /** A text instead of JSON. */
  text(path: string, limit: TextLimit): Promise<string>;
  post(path: string, body: unknown, kind?: RequestKind): Promise<unknown>;
  patch(path: string, body: unknown): Promise<unknown>;
  delete(path: string): Promise<void>;
}

/** How much of a text is read. */
export interface TextLimit {
  readonly bytes: number;
  /** `tail`: keep the last bytes; `all`: refuse a longer text. */
  readonly end: 'all' | 'tail';
}

/** Longest JSON that is read: an issue may have a megabyte, and a page has fifty. */
const JSON_BYTES = 64 * 1024 * 1024;

const PAGE = 50;

/** Pages after which a list is taken to be endless. */
const PAGES = 2_000;

/** How often a read is repeated when the answer is not Gitea's. */
const READS = 3;

const AGAIN_MS = 500;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

interface Request {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  readonly kind: RequestKind;
  readonly range?: string;
  readonly limit?: TextLimit;
}

/** Binds requests to one repository. @throws ForgeError `invalid` for an owner or a name that is no path segment. */
export function createClient(connection: Connection): Client {
  const { place } = connection;
  const root = place.url.replace(/\/+$/, '').replace(/\/api\/v1$/, '');
  const repository = `/repos/${segment(place.owner)}/${segment(place.name)}`;

  const ask = async (request: Request): Promise<Answer> => {
    const operation = operationOf(request);
    await connection.pace.turn(request.kind);
    const token = await connection.credential.token();
    const answer = await fetch(`${root}/api/v1${request.path}`, {
      method: request.method,
      redirect: 'manual', // a renamed repository: fetch would make a GET of the POST, with the token
      signal: AbortSignal.timeout(ANSWER_MS),
      headers: {
        accept: 'application/json',
        authorization: `token ${token}`,
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(request.range ? { range: request.range } : {}),
      },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    })
      .then((response) => readAnswer(response, request.limit ?? { bytes: JSON_BYTES, end: 'all' }))
      .catch((error: unknown) => {
        throw error instanceof TooLong ? unreadableError(operation, error.message) : unansweredError(operation, error);
      });
    if (answer.status >= 200 && answer.status < 300) return answer;
    const error = refusedError({ operation, ...answer });
    if (error.kind === 'rate-limit') await connection.pace.learn(limitOf(answer.headers, error.retryAfterMs ?? 0));
    throw namingLogin(error, connection);
  };

  const get = async <T>(path: string, schema: z.ZodType<T>) => {
    const request = { method: 'GET', path, kind: 'read' } as const;
    for (let tries = 1; ; tries += 1) {
      const { text, headers } = await ask(request);
      try {
        if (text === '') throw unreadableError(operationOf(request), 'nothing'); // what is looked for would seem absent
        return { value: parsed(operationOf(request), text, schema), headers };
      } catch (error) {
        if (tries === READS) throw error;
      }
      await sleep(AGAIN_MS * tries); // half a page, or a proxy's own, is a matter of a moment
    }
  };

  return {
    repository,
    page: (url) => (url.startsWith('/') ? `${root}${url}` : url),
    get: async (path, schema) => (await get(path, schema)).value,
    async list(path, schema) {
      const found = [];
      for (let page = 1; page <= PAGES; page += 1) {
        const join = path.includes('?') ? '&' : '?';
        // Stay on the configured address: the Link header uses the address that the server believes to be its own.
        const { value, headers } = await get(`${path}${join}limit=${PAGE}&page=${page}`, schema);
        found.push(...value);
        if (isLast(headers, { count: value.length, sum: found.length })) return found;
      }
      throw unreadableError(`GET ${path}`, `a list of more than ${PAGES} pages`);
    },
    async text(path, limit) {
      // Ask for a little more, so that a character cut at the start can be recognised.
      const range = limit.end === 'tail' ? { range: `bytes=-${limit.bytes + 4}` } : {};
      return (await ask({ method: 'GET', path, kind: 'read', limit, ...range })).text;
    },
    async post(path, body, kind = 'content') {
      const request = { method: 'POST', path, body, kind } as const;
      return parsed(operationOf(request), (await ask(request)).text, z.unknown());
    },
    async patch(path, body) {
      const request = { method: 'PATCH', path, body, kind: 'write' } as const;
      return parsed(operationOf(request), (await ask(request)).text, z.unknown());
    },
    async delete(path) {
      await ask({ method: 'DELETE', path, kind: 'write' });
    },
  };
}

/** Encodes untrusted text as one path segment. @throws ForgeError `invalid` for `..` and the like. */
export function segment(text: string): string {
  if (text === '' || text === '.' || text === '..' || /\p{Cc}/u.test(text) || /\p{Cs}/u.test(text))
    throw new ForgeError('invalid', `not a part of an address: ${JSON.stringify(text.slice(0, 80))}`);
  return encodeURIComponent(text);
}

/** A number as a segment. @throws ForgeError `not-found`: nothing on a forge has such a number. */
export function numberSegment(number: number): string {
  if (Number.isSafeInteger(number) && number > 0) return String(number);
  throw new ForgeError('not-found', `nothing on a forge has the number ${number}`);
}

class TooLong extends Error {}

async function readAnswer(response: Response, limit: TextLimit): Promise<Answer> {
  const { status, headers, body } = response;
  const stream = body ?? new ReadableStream<Uint8Array>({ start: (empty) => empty.close() });
  if (limit.end === 'tail') return { status, headers, text: await tailOf(stream, limit.bytes) };
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size > limit.bytes) throw new TooLong(`more than ${limit.bytes} bytes`);
  }
  return { status, headers, text: Buffer.concat(chunks).toString('utf8') };
}

function parsed<T>(operation: string, body: string, schema: z.ZodType<T>): T {
  const result = schema.safeParse(jsonIn(operation, body));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw unreadableError(operation, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'another shape'}`);
}

function jsonIn(operation: string, body: string): unknown {
  if (body === '') return null;
  try {
    return JSON.parse(body) as unknown;
  } catch {
    throw unreadableError(operation, `no JSON: ${JSON.stringify(body.slice(0, 80))}`);
  }
}

/** Lists tell their length, or that there is a next page; otherwise an empty page ends them. */
function isLast(headers: Headers, seen: { readonly count: number; readonly sum: number }): boolean {
  if (seen.count === 0) return true;
  const total = headers.get('x-total-count');
  if (total !== null && /^\d+$/.test(total)) return seen.sum >= Number(total);
  const link = headers.get('link');
  return link !== null && !/rel="?next/.test(link);
}

function operationOf({ method, path }: Pick<Request, 'method' | 'path'>): string {
  return `${method} ${path.replace(/\?.*$/, '')}`;
}

function limitOf(headers: Headers, retryAfterMs: number) {
  const number = (name: string) => {
    const value = headers.get(name);
    return value !== null && /^\d+$/.test(value) ? Number(value) : null;
  };
  const resets = number('x-ratelimit-reset');
  return {
    limit: number('x-ratelimit-limit'),
    remaining: number('x-ratelimit-remaining'),
    resetsAt: resets === null ? null : resets * 1000,
    blockedUntil: Date.now() + retryAfterMs,
  };
}
