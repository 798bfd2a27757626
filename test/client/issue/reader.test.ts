import { once } from 'node:events';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { Client, Connection } from '@temporalio/client';
import { defaultPayloadConverter, TypedSearchAttributes } from '@temporalio/common';
import { expect, onTestFinished, test } from 'vitest';
import { createIssueReader, type ListedRun } from '../../../client/issue/reader.ts';
import { lastWords } from '../../../client/issue/last-words.ts';
import { unstarted } from '../../../client/issue/unstarted.ts';
import type { IssueDocument } from '../../../workflows/domain/issue.ts';
import { attributes } from '../../../workflows/ids.ts';

const beat = (details: unknown) => ({ heartbeatDetails: { payloads: [defaultPayloadConverter.toPayload(details)] } });
const failed = { lastFailure: { message: 'POST /repos/o/r/pulls: 502 (tried again by itself, with growing pauses)' } };

test.each([
  ['nothing runs', [], null],
  ['it has said nothing yet', [beat({ step: 1 }), beat(null)], null],
  ['the agent speaks', [beat({ lastLine: 'editing' })], 'editing'],
  ['the forge is away', [failed], failed.lastFailure.message],
  ['it beats while it is tried again', [{ ...beat({}), ...failed }], failed.lastFailure.message],
  ['the agent speaks again after a crash', [{ ...beat({ lastLine: 'on' }), ...failed }], 'on'],
])('the last words of an issue: %s', (_, pending, words) => {
  expect(lastWords(pending, defaultPayloadConverter)).toBe(words);
});

const issue: IssueDocument = {
  id: '7',
  key: '7',
  title: 'Seven',
  priority: 'medium',
  dependencies: [],
  files: [],
  body: 'do it',
  labels: [],
  skip: null,
  textHash: '',
};

const ended: ListedRun = {
  workflowId: 'issue:repo:7',
  runId: 'run',
  status: { code: 2, name: 'COMPLETED' },
  startTime: new Date(0),
  closeTime: new Date(1000),
  typedSearchAttributes: new TypedSearchAttributes([]),
};

test('an outcome that the server does not tell just now makes no failed issue', async () => {
  const connection = Connection.lazy({ address: '127.0.0.1:9', interceptors: [] }); // nobody listens, nothing is tried again
  onTestFinished(() => connection.close());
  const reader = createIssueReader(new Client({ connection }), '/nonexistent');
  await expect(reader.started(issue, ended, { lastLines: false })).rejects.toMatchObject({
    cause: { code: 14 }, // UNAVAILABLE
  });
});

test('an issue whose history the server forgot has the outcome that lists still tell', async () => {
  const server = createServer();
  server.on('stream', (stream) => {
    const headers = { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '5' };
    stream.respond(headers, { endStream: true });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const connection = Connection.lazy({ address: `127.0.0.1:${port}` });
  onTestFinished(async () => {
    await connection.close();
    server.close();
  });
  const reader = createIssueReader(new Client({ connection }), '/nonexistent');
  const typedSearchAttributes = new TypedSearchAttributes([{ key: attributes.outcome, value: 'landed' }]);
  const view = await reader.started(issue, { ...ended, typedSearchAttributes }, { lastLines: false });
  expect(view).toMatchObject({ stage: 'done', outcome: 'landed', reason: 'its history is not kept any more' });
});

test('an issue that a person cancelled before it started says so, whether its batch goes on or not', () => {
  for (const isOpen of [true, false]) {
    const view = unstarted(issue, { isOpen, why: undefined, refused: undefined, isDropped: true });
    expect(view).toMatchObject({
      stage: 'done',
      outcome: 'cancelled',
      reason: 'cancelled by a person before it started',
    });
  }
});

test.each([true, false])(
  'an issue that its batch could neither start nor adopt has failed, with the reason',
  (isOpen) => {
    const view = unstarted(issue, { isOpen, why: undefined, refused: 'it takes no more signals' });
    expect(view).toMatchObject({ stage: 'done', outcome: 'failed', reason: 'it takes no more signals' });
  },
);
