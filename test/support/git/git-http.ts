import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, dirname } from 'node:path';

/** What a token may do there. */
export type GitRight = 'read' | 'write';

export interface GitHttpServer {
  /** Address of the server: scheme, host and port. */
  readonly origin: string;
  /** Address of the repository. */
  readonly remote: string;
  /** Requests in their order: method, path, and the right that their password had. */
  readonly requests: string[];
  /** The next requests get this answer instead; null: none. */
  fail(answer: { readonly status: number; readonly text: string } | null): void;
  /** Called while a push is under way, before git takes it. */
  onPush(look: () => Promise<void>): void;
  close(): Promise<void>;
}

/** A bare repository behind git's own HTTP program, for who has one of these tokens as a password. */
export async function serveGit(bare: string, tokens: Readonly<Record<string, GitRight>>): Promise<GitHttpServer> {
  const requests: string[] = [];
  let failing: { readonly status: number; readonly text: string } | null = null;
  let look = async (): Promise<void> => {};
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const password = passwordOf(request);
    const right = tokens[password];
    const isPush = request.url?.includes('git-receive-pack') ?? false;
    requests.push(`${request.method} ${request.url} ${right ?? (password === '' ? 'nobody' : 'stranger')}`);
    const say = (status: number, text: string) => {
      request.resume();
      response.writeHead(status, { 'content-type': 'text/plain', 'www-authenticate': 'Basic realm="git"' }).end(text);
    };
    if (failing) return say(failing.status, failing.text);
    if (!right) return say(401, 'Failed to authenticate user\n');
    if (isPush && right !== 'write') return say(403, 'User permission denied for writing.\n');
    if (isPush && request.method === 'POST') await look();
    return cgi(bare, request, response);
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    remote: `${origin}/${basename(bare)}`,
    requests,
    fail: (next) => {
      failing = next;
    },
    onPush: (next) => {
      look = next;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function passwordOf(request: IncomingMessage): string {
  const [, basic = ''] = /^Basic (.+)$/.exec(request.headers.authorization ?? '') ?? [];
  return Buffer.from(basic, 'base64').toString().split(':').slice(1).join(':');
}

/** `git http-backend` as a web server runs it. */
async function cgi(bare: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const header = (name: string) => String(request.headers[name] ?? '');
  const child = spawn('git', ['http-backend'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {
      PATH: process.env['PATH'],
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_PROJECT_ROOT: dirname(bare),
      GIT_HTTP_EXPORT_ALL: '1',
      REMOTE_USER: 'somebody', // with one, pushes are taken
      REQUEST_METHOD: request.method,
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: header('content-type'),
      CONTENT_LENGTH: header('content-length'),
      HTTP_CONTENT_ENCODING: header('content-encoding'),
      GIT_PROTOCOL: header('git-protocol'),
    },
  });
  child.stdin.on('error', () => {}); // it may answer before it has read everything
  request.pipe(child.stdin);
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout) chunks.push(chunk as Buffer);
  const all = Buffer.concat(chunks);
  const end = all.indexOf('\r\n\r\n');
  const headers = all
    .subarray(0, end)
    .toString('latin1')
    .split('\r\n')
    .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()] as const);
  const status = Number.parseInt(headers.find(([name]) => name === 'Status')?.[1] ?? '200', 10);
  response.writeHead(status, Object.fromEntries(headers.filter(([name]) => name !== 'Status')));
  response.end(all.subarray(end + 4));
}
