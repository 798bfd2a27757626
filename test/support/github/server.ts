import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { tokenAccount } from './apps.ts';
import { startCi } from './ci.ts';
import { etagOf, exchange, isWrite, type ApiRequest } from './exchange.ts';
import { faultAnswer, type Fault, type Faults } from './faults.ts';
import { gitBackend, gitPath, gitRefusal, isPush, type GitReply, type GitRequest } from './git-http.ts';
import type { Limits } from './limits.ts';
import { fireAutoMerges, settle } from './merging.ts';
import type { AccountRecord } from './state.ts';
import { asText, basicAccount, headersOf, parsed, type Sent } from './wire.ts';
import type { World } from './world.ts';

/** One request as the fake saw it. */
export interface Logged {
  readonly kind: 'rest' | 'graphql' | 'git' | 'log';
  /** Login; null: without a token that is known. */
  readonly account: string | null;
  readonly method: string;
  /** Without `/api/v3`. */
  readonly path: string;
  /** GitHub's name of it (`pulls/create`), `graphql`, or what git asked. */
  readonly operation: string;
  /** Null: the connection was reset. */
  status: number | null;
  readonly isWrite: boolean;
  readonly fault: Fault | null;
}

/** What the server works with. */
export interface Serving {
  readonly world: World;
  readonly faults: Faults;
  readonly limits: Limits;
  readonly requests: Logged[];
  readonly violations: string[];
}

/** The fake's HTTP side: one request after the other has its effect, so that rules need no locks. */
export class Desk {
  readonly #at: Serving;
  #queue: Promise<unknown> = Promise.resolve();
  /** Effects that come after the client was told of a fault. */
  #late: (() => Promise<unknown>)[] = [];

  constructor(at: Serving) {
    this.#at = at;
  }

  /** Waits until every effect that is still to come has come. */
  async settled(): Promise<void> {
    const late = this.#late.splice(0);
    await this.serial(async () => {
      for (const effect of late) await effect();
      await this.#refresh();
    });
  }

  serial<T>(effect: () => Promise<T>): Promise<T> {
    const next = this.#queue.then(effect);
    this.#queue = next.catch(() => undefined);
    return next;
  }

  async #refresh(): Promise<void> {
    const { world } = this.#at;
    await settle(world);
    if (await startCi(world)) await fireAutoMerges(world);
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const url = new URL(request.url ?? '/', this.#at.world.origin);
    const path = gitPath(this.#at.world, url.pathname);
    if (path !== null)
      return this.#git({ method: request.method ?? 'GET', url, headers: request.headers, body }, { path, response });
    await this.#api(request, { url, body, response });
  }

  async #git(
    request: GitRequest,
    { path, response }: { readonly path: string; readonly response: ServerResponse },
  ): Promise<void> {
    const { world, requests, faults } = this.#at;
    const account = basicAccount(world, request.headers.authorization);
    const operation = isPush(request) ? 'git-push' : 'git-fetch';
    const fault = faults.take({ operation, method: request.method, path: request.url.pathname });
    const logged: Logged = {
      kind: 'git',
      account: account?.login ?? null,
      method: request.method,
      path: request.url.pathname,
      operation,
      status: null,
      isWrite: false,
      fault,
    };
    requests.push(logged);
    const effect = async () =>
      gitRefusal(world, request, account) ?? this.#push(request, { path, login: account?.login ?? '' });
    const sent = await this.#under(fault, () => this.serial(effect));
    const reply = fault === null ? null : faultAnswer(fault);
    if (fault?.kind === 'reset' || (sent === null && reply === null)) return void response.destroy();
    logged.status = reply?.status ?? sent?.status ?? 500;
    const { status, headers, body } = reply === null ? (sent as GitReply) : { ...reply, body: Buffer.from(reply.text) };
    response.writeHead(status, headers).end(body);
  }

  /** A push moves heads, starts CI, and may make a pull request ready. */
  async #push(request: GitRequest, to: { readonly path: string; readonly login: string }): Promise<GitReply> {
    const { world } = this.#at;
    const isWriting = request.method === 'POST' && isPush(request);
    const before = isWriting ? await heads(world) : null;
    const reply = await gitBackend(world, request, to);
    if (before !== null) {
      for (const [branch, sha] of await heads(world)) {
        if (before.get(branch) !== sha && branch !== 'main') world.state.pushed.push({ branch, sha });
      }
      await this.#refresh();
      await fireAutoMerges(world);
    }
    return reply;
  }

  async #api(
    request: IncomingMessage,
    at: { readonly url: URL; readonly body: Buffer; readonly response: ServerResponse },
  ): Promise<void> {
    const { world, requests, faults } = this.#at;
    const method = request.method ?? 'GET';
    const path = at.url.pathname.replace(/^\/api\/v3(?=\/)/, '');
    const isGraphql = at.url.pathname === '/api/graphql';
    const me = tokenAccount(world, request.headers.authorization);
    const body = parsed(at.body);
    const matched = isGraphql ? null : world.contract.match(method, path);
    const operation = isGraphql ? 'graphql' : (matched?.id ?? 'unknown');
    const fault = faults.take({ operation, method, path });
    const logged: Logged = {
      kind: isGraphql ? 'graphql' : 'rest',
      account: me?.login ?? null,
      method,
      path,
      operation,
      status: null,
      isWrite: isWrite(method, body, matched),
      fault,
    };
    requests.push(logged);
    const late = this.#late.splice(0);
    const effect = () =>
      this.serial(() =>
        this.#effect({
          me,
          request: { method, url: at.url, body, matched },
          operation,
          etag: request.headers['if-none-match'],
        }),
      );
    const answer = await this.#under(fault, effect);
    const done = late.map((each) => each()); // in the queue before the client can send its next request
    logged.status = this.#send(at.response, { answer, fault });
    await Promise.all(done);
  }

  /** The effect as its fault lets it come; null: there is no answer of its own. */
  async #under<T>(fault: Fault | null, effect: () => Promise<T>): Promise<T | null> {
    if (fault === null) return effect();
    const ms = fault.ms ?? 50;
    if (fault.kind === 'slow' && fault.moment === 'before') await wait(ms);
    if (fault.kind === 'slow') {
      const answer = fault.moment === 'instead' ? null : await effect();
      if (fault.moment !== 'before') await wait(ms);
      return answer;
    }
    if (fault.moment === 'after') return effect();
    if (fault.moment === 'before') this.#late.push(effect);
    return null;
  }

  async #effect(at: {
    readonly me: AccountRecord | null;
    readonly request: Omit<ApiRequest, 'me'>;
    readonly operation: string;
    readonly etag: string | undefined;
  }): Promise<Sent> {
    const { world, limits, violations } = this.#at;
    const { me, request, operation } = at;
    const known = headersOf(me);
    if (request.matched === null && operation !== 'graphql') {
      violations.push(`${request.method} ${request.url.pathname} is no operation of the contract`);
      return asText({ status: 500, body: { message: violations.at(-1) } }, known);
    }
    if (me === null)
      return asText(
        {
          status: 401,
          body: { message: 'Bad credentials', documentation_url: 'https://docs.github.com/rest', status: '401' },
        },
        limits.spend(null, true),
      );
    if (operation === 'rate-limit/get')
      return asText({ status: 200, body: limits.overview(me) }, { ...known, ...limits.spend(me, false) });
    if (limits.isUp(me)) {
      const message = `API rate limit exceeded for user ID ${me.id}.`;
      return asText(
        { status: 403, body: { message, documentation_url: 'https://docs.github.com/rest' } },
        { ...known, ...limits.spend(me, false) },
      );
    }
    await this.#refresh();
    const { answer, violations: found } = await exchange(world, { ...request, me });
    violations.push(...found);
    const sent = asText(answer, known);
    const isSame = request.method === 'GET' && answer.status === 200 && at.etag === etagOf(sent.text);
    const headers = { ...sent.headers, ...limits.spend(me, !isSame) };
    if (isSame) return { status: 304, text: '', headers: { ...headers, etag: etagOf(sent.text) } };
    const etag = request.method === 'GET' && answer.status === 200 ? { etag: etagOf(sent.text) } : {};
    return { ...sent, headers: { ...headers, ...etag } };
  }

  #send(
    response: ServerResponse,
    { answer, fault }: { readonly answer: Sent | null; readonly fault: Fault | null },
  ): number | null {
    const instead = fault === null ? null : faultAnswer(fault);
    if (fault?.kind === 'reset' || (fault?.kind === 'slow' && answer === null)) {
      response.destroy();
      return null;
    }
    if (instead !== null) {
      response.writeHead(instead.status, instead.headers).end(instead.text);
      return instead.status;
    }
    const { status, headers, text } = answer ?? {
      status: 200,
      headers: { 'content-type': 'application/json' },
      text: '{"message":"cut',
    };
    const cut = fault?.kind === 'truncated' ? text.slice(0, Math.ceil(text.length / 2)) : text;
    response.writeHead(status, headers).end(cut);
    return status;
  }
}

async function heads({ remote }: World): Promise<ReadonlyMap<string, string>> {
  const listed = await remote.git.run(['for-each-ref', '--format=%(objectname) %(refname:lstrip=2)', 'refs/heads']);
  return new Map(
    listed
      .split('\n')
      .filter((each) => each !== '')
      .map((line) => [line.slice(41), line.slice(0, 40)]),
  );
}
