import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createGiteaForge } from '../../../../activities/forges/gitea.ts';
import { connectTo } from '../../../support/forge/forge-connection.ts';

test('what a Gitea can do is asked once, and a failure is not remembered', async () => {
  const asked: string[] = [];
  let isWell = false;
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(isWell ? 404 : 503, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ message: isWell ? 'not found' : 'busy' }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const place = { url, owner: 'o', name: 'r' };
  const watched = await connectTo({ place, token: 'a-token', remote: `${url}/o/r.git` });
  onTestFinished(async () => {
    server.close();
    await watched.dispose();
  });
  const forge = createGiteaForge(watched.connection);
  await expect(forge.capabilities()).rejects.toThrow('busy');
  isWell = true;
  asked.length = 0;
  const answers = await Promise.all([forge.capabilities(), forge.capabilities()]);
  answers.push(await forge.capabilities());
  for (const each of answers) expect(each).toMatchObject({ ciLog: true, dependencies: true });
  expect(asked.map((path) => path.replace(/^.*\/repos\/o\/r/, ''))).toEqual([
    '/actions/jobs/0/logs',
    '/issues/0/dependencies',
  ]);
});
