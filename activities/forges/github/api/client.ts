import { Octokit } from '@octokit/rest';
import { z } from 'zod';
import type { ForgePlace } from '../../../../workflows/domain/settings.ts';
import type { Connection } from '../../http/connection.ts';
import { namingLogin } from '../../http/refused-login.ts';
import { ForgeError } from '../../../failure/forge-error.ts';
import { apiUrl } from '../../../credentials/github-address.ts';
import { forgeErrorOf, movedError } from './errors.ts';
import { createTransport } from './transport.ts';

/** GitHub's endpoints, typed by Octokit. */
export type Rest = Octokit['rest'];

/** What Octokit gives back; the data is untrusted until a schema has read it. */
export interface GithubAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
  readonly data: unknown;
}

/** Sends one request by the methods of Octokit. */
export type SendRequest = (rest: Rest) => Promise<GithubAnswer>;

/** Which page is asked for; spread into the parameters of a listing. */
export type Page = Readonly<Record<string, string | number>>;

/** Sends the request for one page of a listing. */
export type SendPage = (rest: Rest, page: Page) => Promise<GithubAnswer>;

/** GitHub's API for one repository: every answer parsed, every failure a `ForgeError`. */
export interface GithubClient {
  readonly place: ForgePlace;
  /** The repository, for parameters. */
  readonly at: { readonly owner: string; readonly repo: string };
  /** Names a job of this repository in `inOrder`. */
  readonly name: string;
  /** One answer as it came, redirects too. */
  answer(send: SendRequest): Promise<GithubAnswer>;
  ask<T>(schema: z.ZodType<T>, send: SendRequest): Promise<T>;
  /** Page after page, each parsed as a whole. */
  pages<T>(schema: z.ZodType<T>, send: SendPage): AsyncIterable<T>;
  /** All pages of a list. */
  all<T>(schema: z.ZodType<T>, send: SendPage): Promise<readonly T[]>;
  graphql<T>(schema: z.ZodType<T>, query: Query): Promise<T>;
}

/** A GraphQL request. */
export interface Query {
  /** For errors: what it is asked for. */
  readonly name: string;
  readonly document: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Pages after which a listing is taken to be endless. */
const PAGES = 1_000;

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Builds a client over one connection. */
export function createGithubClient(connection: Connection): GithubClient {
  const { place } = connection;
  const octokit = new Octokit({
    baseUrl: apiUrl(place),
    userAgent: 'millrace',
    log: silent, // it would print addresses, and deprecations that are none of a user's business
    request: { fetch: createTransport(connection), redirect: 'manual' },
  });
  const operations = new WeakMap<object, string>();
  octokit.hook.wrap('request', async (request, options) => {
    const operation = operationOf(octokit.request.endpoint(options));
    try {
      const answer = await request(options);
      operations.set(answer, operation);
      return answer;
    } catch (error) {
      throw namingLogin(forgeErrorOf(error, operation), connection);
    }
  });

  const answered = async (sent: Promise<GithubAnswer>): Promise<GithubAnswer> => {
    const answer = await sent;
    if (answer.status >= 300) throw movedError(answer.status, operations.get(answer) ?? 'a request');
    return answer;
  };
  const read = <T>(schema: z.ZodType<T>, answer: GithubAnswer): T =>
    parsed(schema, answer.data, { operation: operations.get(answer) ?? 'a request', status: answer.status });

  async function* pages<T>(schema: z.ZodType<T>, send: SendPage): AsyncIterable<T> {
    let page: Page | null = { per_page: 100 };
    for (let count = 0; page !== null; count += 1) {
      if (count >= PAGES)
        throw new ForgeError('response-invalid', `a listing of ${place.owner}/${place.name} has no end`);
      const answer = await answered(send(octokit.rest, page));
      yield read(schema, answer);
      page = nextPage(answer);
    }
  }

  return {
    place,
    at: { owner: place.owner, repo: place.name },
    name: `github ${place.url}/${place.owner}/${place.name}`,
    answer: (send) => send(octokit.rest),
    ask: async (schema, send) => read(schema, await answered(send(octokit.rest))),
    pages,
    all: (schema, send) => gathered(pages(z.array(schema), send), (page) => page),
    async graphql(schema, { name, document, variables }) {
      const operation = `GraphQL ${name}`;
      const data: unknown = await octokit.graphql(document, { ...variables }).catch((error: unknown) => {
        throw forgeErrorOf(error, operation);
      });
      return parsed(schema, data, { operation, status: 200 });
    },
  };
}

/** The items of all pages. */
export async function gathered<P, T>(
  pages: AsyncIterable<P>,
  itemsOf: (page: P) => readonly T[],
): Promise<readonly T[]> {
  const items: T[] = [];
  for await (const page of pages) items.push(...itemsOf(page));
  return items;
}

function operationOf({ method, url }: { readonly method: string; readonly url: string }): string {
  return `${method} ${new URL(url).pathname.replace(/^\/api\/v3(?=\/)/, '')}`;
}

/** Takes only the parameters of the link: the server chooses its origin, and the token must not go there. */
function nextPage({ headers }: GithubAnswer): Page | null {
  const next = /<([^>]*)>;\s*rel="next"/.exec(String(headers['link'] ?? ''))?.[1];
  if (next === undefined || !URL.canParse(next)) return null;
  const asked = [...new URL(next).searchParams].filter(([name]) => name === 'page' || name === 'after');
  return asked.length === 0
    ? null
    : {
        per_page: 100,
        ...Object.fromEntries(asked.map(([name, value]) => [name, name === 'page' ? Number(value) : value])),
      };
}

function parsed<T>(
  schema: z.ZodType<T>,
  data: unknown,
  facts: { readonly operation: string; readonly status: number },
): T {
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue?.path.join('.') || 'the answer';
  const what =
    typeof data === 'string' ? `no JSON but ${JSON.stringify(data.slice(0, 80))}` : `${where}: ${issue?.message}`;
  throw new ForgeError(
    'response-invalid',
    `${facts.operation}: ${facts.status}, not as GitHub describes it: ${what}`,
    facts,
  );
}
