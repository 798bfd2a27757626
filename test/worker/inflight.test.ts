import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { expect, inject, onTestFinished, test } from 'vitest';
import { giveBack } from '../../worker/inflight.ts';

const shared = inject('temporal');

test.skipIf(!shared)('a note that a kill or another server made useless is dropped, and told', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-inflight-'));
  const connection = await Connection.connect({ address: shared!.address });
  onTestFinished(async () => {
    await connection.close();
    await rm(folder, { recursive: true });
  });
  await writeFile(join(folder, 'empty'), '');
  await writeFile(join(folder, 'garbage'), Buffer.from('not a token').toString('base64'));
  const told: unknown[] = [];
  const given = await giveBack(new Client({ connection }), folder, { warn: (fact: unknown) => void told.push(fact) });
  expect(given).toBe(0);
  expect(told).toHaveLength(2);
  expect(await readdir(folder)).toEqual([]);
});
