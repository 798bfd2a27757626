import { once } from 'node:events';
import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { openConnection } from '../../../client/temporal/connection.ts';

/** gRPC over HTTP/2: the first call asks what the server is, and is answered with an empty message. */
function answer(stream: ServerHttp2Stream, code: number): void {
  const headers = { ':status': 200, 'content-type': 'application/grpc' };
  if (code !== 0) return stream.respond({ ...headers, 'grpc-status': code }, { endStream: true });
  stream.respond(headers, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(Buffer.alloc(5));
}

let server: Http2Server;
let asked: string[];
/** What the server does with all that comes after the connection stands. */
let then: (stream: ServerHttp2Stream) => void;

beforeEach(async () => {
  asked = [];
  server = createServer();
  server.on('stream', (stream, { ':path': path = '' }) => {
    stream.on('error', () => {}); // cancelled by its client
    if (path.endsWith('/GetSystemInfo')) return answer(stream, 0);
    asked.push(path);
    return then(stream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
});

/** Errors that nobody caught while a job ran, and as long afterwards as a retry would take. */
async function uncaughtBy(job: () => Promise<void>): Promise<unknown[]> {
  const caught: unknown[] = [];
  const before = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', (error) => void caught.push(error));
  try {
    await job();
    await sleep(400); // the first retry comes after 140 to 200 ms
  } finally {
    process.removeAllListeners('uncaughtException');
    for (const listener of before) process.on('uncaughtException', listener);
  }
  return caught;
}

const openCall = async () => {
  const { port } = server.address() as AddressInfo;
  const { connection, close } = await openConnection({ address: `127.0.0.1:${port}` });
  const ended = connection.workflowService.getWorkflowExecutionHistory({ waitNewEvent: true }).then(
    () => 'an answer',
    (error: unknown) => (error as { code: number }).code,
  );
  await expect.poll(() => asked.length).toBeGreaterThan(0);
  return { ended, close };
};

test('a call that waits on the server ends with its connection, and is not tried again', async () => {
  then = () => {}; // a long poll
  const uncaught = await uncaughtBy(async () => {
    const { ended, close } = await openCall();
    await close();
    expect(await ended).toBe(1); // cancelled
  });
  expect([uncaught, asked.length]).toEqual([[], 1]);
});

test('a call that is about to be tried again ends with its connection, and kills nobody', async () => {
  then = (stream) => answer(stream, 14); // unavailable
  const uncaught = await uncaughtBy(async () => {
    const { ended, close } = await openCall();
    await sleep(20); // the answer is here, and the retry due
    const before = asked.length;
    await close();
    expect(await ended).toBe(1);
    expect(asked.length).toBe(before);
  });
  expect(uncaught).toEqual([]);
});

test('a call is tried again for as long as its connection is open, and then ends with it', async () => {
  then = (stream) => {
    if (asked.length === 1) answer(stream, 14);
  };
  const { ended, close } = await openCall();
  await expect.poll(() => asked.length, { timeout: 5_000 }).toBe(2); // and now it waits
  await close();
  expect(await ended).toBe(1);
});
