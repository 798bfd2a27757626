import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom } from '../../chaos/random.ts';

/** What goes wrong with one request. */
export type Trouble =
  | 'reset'
  | 'error-500'
  /** As Gitea says it of its own: JSON without words. */
  | 'wordless-500'
  | 'error-502'
  | 'limit-429'
  | 'secondary-403'
  | 'truncated'
  | 'slow'
  | 'html'
  /** As a server says it that knows no such address. */
  | 'no-route';

export interface Fault {
  readonly trouble: Trouble;
  /** `before` and `instead`: the forge is never asked (but late, where it is only slow); `after`: it has done it all. */
  readonly when: 'before' | 'after' | 'instead';
}

/** A fault that waits for its request. */
export interface ScriptedFault extends Fault {
  /** `POST /repos/o/r/pulls`; a star is anything. Left out: whatever comes next. */
  readonly request?: string;
}

export interface SeededFaults {
  readonly seed: number;
  /** Of a hundred requests. */
  readonly percent: number;
  readonly faults: readonly Fault[];
}

export interface ProxiedRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly fault: Fault | null;
  /** What the forge itself answered; null: it was not asked. */
  readonly status: number | null;
}

/** Stands in front of a forge and breaks requests, by script first, then by seed. */
export interface FaultProxy {
  /** In place of the forge's address. */
  readonly url: string;
  readonly requests: readonly ProxiedRequest[];
  /** Each of them strikes once. */
  script(faults: readonly ScriptedFault[]): void;
  seed(faults: SeededFaults): void;
  /** From now on nothing breaks, and the log is empty. */
  clear(): void;
  close(): Promise<void>;
}

/** Every trouble at every place where it can be. */
export const allFaults: readonly Fault[] = [
  ...(['reset', 'error-500', 'error-502', 'limit-429', 'secondary-403', 'truncated', 'html'] as const).flatMap(
    (trouble) => [{ trouble, when: 'instead' } as const, { trouble, when: 'after' } as const],
  ),
  { trouble: 'slow', when: 'before' },
  { trouble: 'slow', when: 'after' },
  { trouble: 'reset', when: 'before' },
  { trouble: 'wordless-500', when: 'after' }, // without its effect it is a refusal, and rightly ends the work
];

const SLOW_MS = 100;

/** Starts one on loopback. */
export async function createFaultProxy(target: string): Promise<FaultProxy> {
  let scripted: ScriptedFault[] = [];
  let draw: () => Fault | null = () => null;
  let requests: ProxiedRequest[] = [];

  const faultFor = (line: string): Fault | null => {
    const at = scripted.findIndex(({ request }) => request === undefined || isMatch(request, line));
    if (at < 0) return draw();
    const [{ trouble, when }] = scripted.splice(at, 1) as [ScriptedFault];
    return { trouble, when };
  };

  const server = createServer((incoming, outgoing) => {
    const [method, path] = [incoming.method ?? 'GET', incoming.url ?? '/'];
    const fault = faultFor(`${method} ${path.replace(/\?.*$/, '')}`);
    const entry = { method, path, fault, status: null as number | null };
    requests.push(entry);
    void serve(target, { incoming, outgoing }, fault).then(
      (status) => void (entry.status = status),
      () => outgoing.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get requests() {
      return requests;
    },
    script: (faults) => void scripted.push(...faults),
    seed: ({ seed, percent, faults }) => {
      const random = createRandom(seed);
      draw = () => (random.chance(percent / 100) ? random.pick(faults.map((fault) => [1, fault] as const)) : null);
    },
    clear() {
      [scripted, requests, draw] = [[], [], () => null];
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

/** The status of the forge; null: it was not asked. */
async function serve(target: string, exchange: Exchange, fault: Fault | null): Promise<number | null> {
  const { outgoing } = exchange;
  if (fault?.trouble === 'slow' && fault.when !== 'after') await sleep(SLOW_MS);
  if (fault && fault.when !== 'after' && fault.trouble !== 'slow') {
    breakOff(outgoing, fault.trouble, Buffer.from('{"message": "not asked"}'));
    return null;
  }
  const answer = await forward(target, exchange.incoming);
  if (fault?.trouble === 'slow' && fault.when === 'after') await sleep(SLOW_MS);
  if (fault && fault.trouble !== 'slow') breakOff(outgoing, fault.trouble, answer.body);
  else outgoing.writeHead(answer.status, answer.headers).end(answer.body);
  return answer.status;
}

function breakOff(outgoing: ServerResponse, trouble: Exclude<Trouble, 'slow'>, body: Buffer): void {
  const json = { 'content-type': 'application/json' };
  switch (trouble) {
    case 'reset':
      outgoing.destroy();
      return;
    case 'error-500':
      outgoing.writeHead(500, json).end('{"message":"something broke"}');
      return;
    case 'wordless-500':
      outgoing.writeHead(500, json).end('{"message":"","url":""}');
      return;
    case 'error-502':
      outgoing.writeHead(502, { 'content-type': 'text/html' }).end('<html><h1>502 Bad Gateway</h1></html>');
      return;
    case 'limit-429':
      outgoing.writeHead(429, { ...json, 'retry-after': '1' }).end('{"message":"too many requests"}');
      return;
    case 'secondary-403':
      outgoing.writeHead(403, json).end('{"message":"You have exceeded a secondary rate limit."}');
      return;
    case 'truncated': {
      const whole = body.length > 1 ? body : Buffer.from('{}');
      outgoing.writeHead(200, { ...json, 'content-length': String(whole.length) });
      outgoing.write(whole.subarray(0, Math.floor(whole.length / 2)), () => outgoing.destroy());
      return;
    }
    case 'no-route':
      outgoing.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('404 page not found\n');
      return;
    case 'html':
      outgoing.writeHead(200, { 'content-type': 'text/html' }).end('<html><h1>Sign in</h1></html>');
      return;
  }
}

interface Forwarded {
  readonly status: number;
  readonly headers: Record<string, string | string[]>;
  readonly body: Buffer;
}

async function forward(target: string, incoming: IncomingMessage): Promise<Forwarded> {
  const body = await bytesOf(incoming);
  const { host: _, connection: __, 'transfer-encoding': ___, ...headers } = incoming.headers;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const to = ask(`${target}${incoming.url ?? '/'}`, { method: incoming.method, headers }, resolve);
    to.on('error', reject);
    to.end(body);
  });
  const kept = Object.entries(answer.headers).flatMap(([name, value]) =>
    value === undefined || /^(connection|keep-alive|transfer-encoding|content-length)$/.test(name)
      ? []
      : [[name, value]],
  );
  return { status: answer.statusCode ?? 0, headers: Object.fromEntries(kept), body: await bytesOf(answer) };
}

async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function isMatch(pattern: string, line: string): boolean {
  const source = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${source.join('.*')}$`).test(line);
}
