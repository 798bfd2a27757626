import { once } from 'node:events';
import { createServer, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isTransient } from '../../../client/batch/transient.ts';

// A server that says one gRPC status to everything: what the SDK makes of it is what the follower sees.
let server: Http2Server;
let status = 0;
beforeAll(async () => {
  server = createServer();
  server.on('stream', (stream) => {
    if (status === 0) return stream.close(); // a connection that breaks under the question
    const headers = { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': `${status}` };
    stream.respond(headers, { endStream: true });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => server.close());

async function errorOf(ask: (client: Client) => Promise<unknown>, isClosed = false): Promise<unknown> {
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const connection = Connection.lazy({ address, interceptors: [] }); // nothing is tried again
  const client = new Client({ connection });
  if (isClosed) await connection.close();
  const error = await ask(client).catch((thrown: unknown) => thrown);
  await connection.close();
  return error;
}

const asked: readonly (readonly [string, (client: Client) => Promise<unknown>])[] = [
  ['describe', (client) => client.workflow.getHandle('batch:1').describe()],
  ['result', (client) => client.workflow.getHandle('batch:1').result()],
  ['list', (client) => client.workflow.list({ query: '' })[Symbol.asyncIterator]().next()],
];

test.each([
  ['broke under the question', 0, true],
  ['cancelled', 1, true],
  ['unknown', 2, true],
  ['invalid argument', 3, false],
  ['too slow', 4, true],
  ['not found', 5, false],
  ['permission denied', 7, false],
  ['too busy', 8, true],
  ['aborted', 10, true],
  ['no such service', 12, false],
  ['internal', 13, true],
  ['away', 14, true],
  ['data lost', 15, true],
  ['unauthenticated', 16, false],
])('a follower asks again where it has to: %s (%i)', async (_, code, again) => {
  status = code;
  for (const [what, ask] of asked) expect([what, isTransient(await errorOf(ask))]).toEqual([what, again]);
});

test('a follower does not ask a connection again that it has closed, nor a bug', async () => {
  for (const [what, ask] of asked) expect([what, isTransient(await errorOf(ask, true))]).toEqual([what, false]);
  expect(isTransient(new TypeError('of undefined'))).toBe(false);
  const missing = Object.assign(new Error('no plan'), { code: 'ENOENT' });
  expect(isTransient(missing)).toBe(false);
});
