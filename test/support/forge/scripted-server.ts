import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it came. */
export interface Asked {
  readonly method: string;
  /** Without what is after the question mark. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A text as it stands, anything else as JSON. */
  readonly body?: unknown;
  /** The connection breaks: before anything, or in the middle of the body. */
  readonly breaks?: 'before' | 'within';
}

export type Script = (asked: Asked) => Reply | null;

/** An HTTP server on loopback that answers as it is told, and remembers what it was asked. */
export interface ScriptedServer {
  readonly url: string;
  readonly asked: Asked[];
  /** From now on; null: 404 without words. */
  script(next: Script): void;
  close(): Promise<void>;
}

export async function createScriptedServer(): Promise<ScriptedServer> {
  let script: Script = () => null;
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void readAll(request).then((body) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://scripted');
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      const one = { method: request.method ?? '', path: pathname, query: searchParams, headers, body };
      asked.push(one);
      answer(response, script(one) ?? { status: 404, body: {} });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    script: (next) => {
      script = next;
      asked.length = 0;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function answer(response: ServerResponse, { status = 200, headers = {}, body = '', breaks }: Reply): void {
  if (breaks === 'before') {
    response.destroy();
    return;
  }
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const type = typeof body === 'string' ? 'text/html' : 'application/json; charset=utf-8';
  response.writeHead(status, { 'content-type': type, ...headers });
  if (breaks === 'within') response.write(text.slice(0, text.length / 2), () => response.destroy());
  else response.end(status === 204 || status === 304 ? undefined : text);
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
