import type { Answer } from './answer.ts';
import type { AccountRecord } from './state.ts';
import type { World } from './world.ts';

/** An answer as it goes over the wire. */
export interface Sent {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** An answer's text and headers. */
export function asText({ status, body, headers = {} }: Answer, more: Readonly<Record<string, string>>): Sent {
  const type = body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' };
  return { status, headers: { ...type, ...more, ...headers }, text: body === undefined ? '' : JSON.stringify(body) };
}

/** What GitHub says of itself and of a classic token with every answer. */
export function headersOf(me: AccountRecord | null): Readonly<Record<string, string>> {
  const version = { 'x-github-request-id': 'FAKE:1', 'x-github-enterprise-version': '3.19.0' };
  return me?.scopes == null ? version : { ...version, 'x-oauth-scopes': me.scopes.join(', ') };
}

/** Undefined: no body; a text that is no JSON stays one, for the contract to refuse. */
export function parsed(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    return body.toString('utf8');
  }
}

/** Whose token the API was shown; null: it is nobody's. */
export function tokenAccount({ accounts }: World, header = ''): AccountRecord | null {
  const token = /^(?:token|bearer) (.+)$/i.exec(header)?.[1];
  return accounts.find((each) => each.token === token) ?? null;
}

/** The same of git, which sends it as a password. */
export function basicAccount({ accounts }: World, header = ''): AccountRecord | null {
  const decoded = Buffer.from(/^basic (.+)$/i.exec(header)?.[1] ?? '', 'base64').toString('utf8');
  const password = decoded.slice(decoded.indexOf(':') + 1);
  return accounts.find((each) => each.token === password) ?? null;
}
