import { createHash } from 'node:crypto';
import { Refusal, type Answer, type Call, type Rule } from './answer.ts';
import { checkRules } from './checks.ts';
import { commentRules } from './comments.ts';
import type { Matched } from './contract.ts';
import { searchRules } from './finding.ts';
import { isMutation, runGraphql } from './graphql.ts';
import { issueRules } from './issues.ts';
import { labelRules } from './labels.ts';
import { mergeRules } from './merging.ts';
import { pullRules } from './pulls.ts';
import { refRules } from './refs.ts';
import { repositoryRules } from './repositories.ts';
import { reviewRules } from './reviews.ts';
import type { AccountRecord } from './state.ts';
import type { World } from './world.ts';

const rules: Readonly<Record<string, Rule>> = {
  ...issueRules,
  ...commentRules,
  ...searchRules,
  ...pullRules,
  ...mergeRules,
  ...reviewRules,
  ...checkRules,
  ...repositoryRules,
  ...refRules,
  ...labelRules,
};

/** Operations that the fake answers. */
export const answered: readonly string[] = Object.keys(rules);

/** One request of the API, parsed. */
export interface ApiRequest {
  readonly method: string;
  readonly url: URL;
  /** Undefined: none. */
  readonly body: unknown;
  readonly me: AccountRecord;
  /** Null: GraphQL. */
  readonly matched: Matched | null;
}

export interface Exchanged {
  readonly answer: Answer;
  /** What the contract does not allow, on either side. */
  readonly violations: readonly string[];
}

/** Takes a request through the contract, the rules and the contract again. */
export async function exchange(world: World, request: ApiRequest): Promise<Exchanged> {
  const { matched, url, body, me } = request;
  if (matched === null) return graphql(world, request);
  const wrong = world.contract.request(matched, { query: url.searchParams, body });
  if (wrong.length > 0) return refused(matched.id, wrong);
  const read = new Set<string>();
  const query = watched('query', Object.fromEntries(url.searchParams), read);
  const sent = watched('body', asRecord(body), read);
  const answer = await applied(world, { matched, call: { world, me, params: matched.params, query, body: sent, url } });
  if (answer instanceof Error) return refused(matched.id, [answer.stack ?? answer.message]);
  const given = [...url.searchParams.keys()]
    .map((key) => `query ${key}`)
    .concat(Object.keys(asRecord(body)).map((key) => `body ${key}`));
  const unread = given.filter((key) => !read.has(key) && !paging.has(key));
  // A filter that a fake ignores is a test that shows nothing.
  if (answer.status < 300 && unread.length > 0)
    return refused(
      matched.id,
      unread.map((key) => `the fake does not honour ${key}`),
    );
  const drift = world.contract.answer(matched.id, answer.status, answer.body);
  return drift.length > 0 ? refused(matched.id, drift) : { answer, violations: [] };
}

const paging = new Set(['query page', 'query per_page']);

async function applied(
  world: World,
  { matched, call }: { readonly matched: Matched; readonly call: Call },
): Promise<Answer | Error> {
  const rule = rules[matched.id];
  if (rule === undefined) return new Error(`the fake does not answer ${matched.id}`);
  try {
    assertSeen(world, matched, call.me);
    return await rule(call);
  } catch (error) {
    if (error instanceof Refusal) return { status: error.status, body: error.body, headers: error.headers };
    return error as Error;
  }
}

/** Other repositories and private ones are not found; archived ones are not written. */
function assertSeen({ owner, name, settings }: World, { params, operation }: Matched, me: AccountRecord): void {
  if (params['owner'] === undefined || params['repo'] === undefined) return;
  const isOurs =
    params['owner'].toLowerCase() === owner.toLowerCase() && params['repo'].toLowerCase() === name.toLowerCase();
  if (!isOurs || (settings.isPrivate && me.permission === 'none')) throw new Refusal(404, 'Not Found');
  if (settings.isArchived && operation.method !== 'GET')
    throw new Refusal(403, 'Repository was archived so is read-only.');
}

async function graphql(world: World, { me, url, body }: ApiRequest): Promise<Exchanged> {
  const result = await runGraphql({ world, me, params: {}, query: {}, body: asRecord(body), url });
  return result.violations.length > 0
    ? refused('graphql', result.violations)
    : { answer: { status: 200, body: result.body }, violations: [] };
}

function refused(operation: string, reasons: readonly string[]): Exchanged {
  const violations = reasons.map((each) => `${operation}: ${each}`);
  return { answer: { status: 500, body: { message: violations.join('\n') } }, violations };
}

function asRecord(body: unknown): Record<string, unknown> {
  if (Array.isArray(body)) return { labels: body }; // labels alone, as GitHub takes them too
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
}

/** Notes which keys are read. */
function watched<T>(kind: string, values: Record<string, T>, read: Set<string>): Record<string, T> {
  return new Proxy(values, {
    get(target, key) {
      read.add(`${kind} ${String(key)}`);
      return Object.hasOwn(target, key) ? target[String(key)] : undefined;
    },
  });
}

/** Whether a request changes something. */
export function isWrite(method: string, body: unknown, matched: Matched | null): boolean {
  return matched === null ? isMutation(asRecord(body)['query']) : method !== 'GET';
}

/** Weak validator of an answer. */
export function etagOf(text: string): string {
  return `W/"${createHash('sha256').update(text).digest('hex')}"`;
}
