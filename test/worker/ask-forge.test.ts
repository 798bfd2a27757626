import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { UsageError } from '../../client/input/errors.ts';
import { askForge, ForgeUnreachable } from '../../client/forge/ask-forge.ts';
import { createBareRemote } from '../support/git/bare-remote.ts';
import { settingsFor } from '../support/git/registered-repository.ts';
import { temporaryFolder, testEnv } from '../support/git/user-repository.ts';

const request = { by: { kind: 'numbers', numbers: [42] }, trustAnyone: false } as const;

async function deps(signal = new AbortController().signal) {
  return { env: { ...testEnv(), MILLRACE_STATE: await temporaryFolder() }, signal };
}

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a question is answered by a process that speaks to the forge', async () => {
  const remote = await createBareRemote();
  onTestFinished(() => remote.dispose());
  const { inspection } = await askForge({ kind: 'inspect', settings: settingsFor(remote.dir) }, await deps());
  expect(inspection).toMatchObject({ server: 'local', permission: 'admin', base: { exists: true } });
});

test('what can not be as it was asked is a mistake of the user, with the mend', async () => {
  const asked = askForge({ kind: 'select', settings: settingsFor('/nowhere'), request }, await deps());
  const error = await asked.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UsageError);
  expect((error as UsageError).message).toMatch(/local forge keeps no issues[^]*try: give a plan/);
});

test('a forge that can not be reached is told of as that, in one sentence', async () => {
  const settings = settingsFor('/nowhere-at-all/repository.git');
  const error = await askForge({ kind: 'inspect', settings }, await deps()).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ForgeUnreachable);
  expect((error as Error).message).toMatch(/try: /);
});

test('whoever does not wait for the answer any more ends the process', async () => {
  const server = createServer(() => {}); // takes every question and never answers
  const url = await listening(server);
  const stop = new AbortController();
  const asked = askForge({ kind: 'inspect', settings: settingsFor(`${url}/o/r.git`) }, await deps(stop.signal));
  await once(server, 'request');
  stop.abort(new Error('stopped by SIGINT'));
  await expect(asked).rejects.toThrow('stopped by SIGINT');
});
