import { Client, Connection, ServiceError } from '@temporalio/client';
import { expect, inject, onTestFinished, test } from 'vitest';
import { openIssues } from '../../worker/open-issues.ts';

const shared = inject('temporal');

test.skipIf(!shared)('an issue whose workflow nobody knows is not open', async () => {
  const client = new Client({ connection: await connect() });
  expect(await openIssues(client, 'repo-nobody', ['1', '2'])).toEqual([]);
});

test.skipIf(!shared)('a server that does not answer for an issue does not make it a lost one', async () => {
  const describe = () => Promise.reject(new ServiceError('unavailable'));
  const client = new Client({ connection: await connect(), interceptors: { workflow: [{ describe }] } });
  await expect(openIssues(client, 'repo-nobody', ['1'])).rejects.toThrow('unavailable');
});

async function connect(): Promise<Connection> {
  const connection = await Connection.connect({ address: shared!.address });
  onTestFinished(() => connection.close());
  return connection;
}
