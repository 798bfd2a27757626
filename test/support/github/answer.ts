import type { AccountRecord } from './state.ts';
import type { World } from './world.ts';

/** What a request comes to. */
export interface Answer {
  readonly status: number;
  /** Undefined: none. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request on its way through the rules; reading a key of query or body shows that it is honoured. */
export interface Call {
  readonly world: World;
  readonly me: AccountRecord;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly body: Readonly<Record<string, unknown>>;
  /** Address of the request, for the pages of a list. */
  readonly url: URL;
}

export type Rule = (call: Call) => Answer | Promise<Answer>;

/** GitHub's no, in its own words. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, more: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.status = status;
    this.body = { message, ...more, documentation_url: 'https://docs.github.com/rest', status: String(status) };
    this.headers = status === 403 ? { 'x-accepted-github-permissions': 'contents=write; pull_requests=write' } : {};
  }
}

export function notFound(): Refusal {
  return new Refusal(404, 'Not Found');
}

/** 422 with the field that was wrong. */
export function invalid(
  resource: string,
  field: string,
  facts: { readonly code: string; readonly message?: string },
): Refusal {
  return new Refusal(422, 'Validation Failed', { errors: [{ resource, field, ...facts }] });
}

/** 422 as the newer endpoints say it. */
export function unprocessable(...errors: readonly string[]): Refusal {
  return new Refusal(422, 'Unprocessable Entity', { errors });
}

export function forbidden(): Refusal {
  return new Refusal(403, 'Resource not accessible by personal access token');
}

export function ok(body: unknown, status = 200): Answer {
  return { status, body };
}

/** The page of a list that was asked for, with the addresses of its neighbours. */
export function page(
  call: Call,
  items: readonly unknown[],
  wrap: (items: readonly unknown[]) => unknown = (all) => all,
): Answer {
  const size = Math.min(Math.max(Number(call.query['per_page'] ?? 30) || 30, 1), 100);
  const number = Math.max(Number(call.query['page'] ?? 1) || 1, 1);
  const last = Math.max(Math.ceil(items.length / size), 1);
  const links = [
    ['prev', number - 1, number > 1],
    ['next', number + 1, number < last],
    ['last', last, number < last],
    ['first', 1, number > 1],
  ] as const;
  const link = links
    .filter(([, , exists]) => exists)
    .map(([rel, to]) => `<${addressOf(call.url, to)}>; rel="${rel}"`)
    .join(', ');
  const body = wrap(items.slice((number - 1) * size, number * size));
  return { status: 200, body, ...(link === '' ? {} : { headers: { link } }) };
}

function addressOf(url: URL, number: number): string {
  const to = new URL(url);
  to.searchParams.set('page', String(number));
  return to.href;
}

/** A text of the body; undefined: it was not sent. */
export function textOf(body: Call['body'], key: string): string | undefined {
  const value = body[key];
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
}
