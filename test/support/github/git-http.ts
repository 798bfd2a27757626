import { spawn } from 'node:child_process';
import type { IncomingHttpHeaders } from 'node:http';
import type { AccountRecord } from './state.ts';
import { mayWrite, type World } from './world.ts';

/** A request of git itself. */
export interface GitRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface GitReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What follows the repository in the address, where it is one that git asks; null: it is none. */
export function gitPath({ owner, name }: World, pathname: string): string | null {
  const found = /^\/([^/]+)\/([^/]+?)(?:\.git)?(\/info\/refs|\/git-upload-pack|\/git-receive-pack)$/.exec(pathname);
  if (found === null) return null;
  const isOurs = found[1]?.toLowerCase() === owner.toLowerCase() && found[2]?.toLowerCase() === name.toLowerCase();
  return isOurs ? (found[3] ?? null) : null;
}

export function isPush({ url }: GitRequest): boolean {
  return url.pathname.endsWith('/git-receive-pack') || url.searchParams.get('service') === 'git-receive-pack';
}

/** Whether the password of a request is a token that may do what it asks; a reply: it may not. */
export function gitRefusal(world: World, request: GitRequest, account: AccountRecord | null): GitReply | null {
  if (account === null) {
    const headers = { 'www-authenticate': 'Basic realm="GitHub"', 'content-type': 'text/plain' };
    return {
      status: 401,
      headers,
      body: Buffer.from('Invalid username or token. Password authentication is not supported for Git operations.\n'),
    };
  }
  if (account.permission === 'none' && world.settings.isPrivate) return plain(404, 'Repository not found.');
  if (!isPush(request)) return null;
  if (world.settings.isArchived) return plain(403, 'ERROR: This repository was archived so it is read-only.');
  return mayWrite(account)
    ? null
    : plain(403, `Permission to ${world.owner}/${world.name}.git denied to ${account.login}.`);
}

function plain(status: number, text: string): GitReply {
  return { status, headers: { 'content-type': 'text/plain' }, body: Buffer.from(`${text}\n`) };
}

/** Lets git's own server program answer over the bare repository. */
export async function gitBackend(
  world: World,
  request: GitRequest,
  facts: { readonly path: string; readonly login: string },
): Promise<GitReply> {
  const { headers, body, method, url } = request;
  const env: Record<string, string> = {
    PATH: process.env['PATH'] ?? '',
    GIT_PROJECT_ROOT: world.remote.dir,
    GIT_HTTP_EXPORT_ALL: '1',
    GIT_CONFIG_NOSYSTEM: '1',
    PATH_INFO: facts.path,
    QUERY_STRING: url.search.slice(1),
    REQUEST_METHOD: method,
    REMOTE_USER: facts.login,
    REMOTE_ADDR: '127.0.0.1',
    CONTENT_TYPE: headers['content-type'] ?? '',
    CONTENT_LENGTH: String(body.length),
    ...(headers['content-encoding'] === undefined ? {} : { HTTP_CONTENT_ENCODING: headers['content-encoding'] }),
    ...(typeof headers['git-protocol'] === 'string' ? { GIT_PROTOCOL: headers['git-protocol'] } : {}),
  };
  const child = spawn('git', ['http-backend'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stdin.on('error', () => undefined); // git may answer without reading all of it
  child.stdin.end(body);
  await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject));
  return parseCgi(Buffer.concat(chunks));
}

function parseCgi(output: Buffer): GitReply {
  const end = output.indexOf('\r\n\r\n');
  const lines = output.subarray(0, end).toString('latin1').split('\r\n');
  const pairs = lines.map((line) => [
    line.slice(0, line.indexOf(':')).toLowerCase(),
    line.slice(line.indexOf(':') + 1).trim(),
  ]);
  const { status = '200', ...headers } = Object.fromEntries(pairs) as Record<string, string>;
  return { status: Number(status.slice(0, 3)), headers, body: output.subarray(end + 4) };
}
