import { mkdir, writeFile } from 'node:fs/promises';
import { Client, Connection } from '@temporalio/client';
import { expect, inject, onTestFinished, test } from 'vitest';
import { createRepositories } from '../../activities/repository/repository.ts';
import { tidyUp } from '../../worker/janitor.ts';
import { stateLayout } from '../../workflows/domain/host/layout.ts';
import { registerRepository } from '../support/git/registered-repository.ts';

const shared = inject('temporal');

test.skipIf(!shared)('a repository that lost its settings keeps no worker from starting', async () => {
  const state = await registerRepository();
  const connection = await Connection.connect({ address: shared!.address });
  onTestFinished(async () => {
    await connection.close();
    await state.dispose();
  });
  await writeFile(state.layout.current, state.ref.settings);
  const lost = stateLayout(state.root).repository('lost');
  await mkdir(lost.root, { recursive: true });
  await writeFile(lost.current, 'a'.repeat(64));
  const told: unknown[] = [];
  const log = { info: () => {}, warn: (fact: unknown) => void told.push(fact) };
  const repositories = createRepositories(state.root);
  await tidyUp({ client: new Client({ connection }), stateRoot: state.root, repositories, log });
  expect(told).toMatchObject([{ repository: 'lost', problem: expect.stringContaining('has no settings') }]);
});
