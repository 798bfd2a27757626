import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { forgeAt, forgeFacts, forgeKinds, forgeNamed, hasServer } from '../../../workflows/domain/forge-facts.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

test.for([
  ['github.com', 'github'],
  ['ssh.github.com', 'github'],
  ['acme.ghe.com', 'github'],
  ['git.example.com', 'gitea'],
  ['notgithub.com', 'gitea'],
  ['github.com.example.org', 'gitea'],
])('a server called %s is taken for a %s', ([host = '', kind]) => {
  expect(forgeAt(host)).toBe(kind);
  expect(forgeNamed(host)).toBe(kind === 'gitea' ? null : kind);
});

test('a server that is meant without being named goes by its own name', () => {
  for (const { home } of Object.values(forgeFacts)) {
    if (home === null) continue;
    expect(home.hosts.test(new URL(home.url).hostname)).toBe(true);
  }
});

test('a forge without a server merges nothing by itself', () => {
  for (const kind of forgeKinds) if (!hasServer(kind)) expect(forgeFacts[kind].autoMerge).toBe('none');
});

test('nobody asks which forge it is: what it can do is a fact of its row', async () => {
  const asks = new RegExp(`[!=]== '(${forgeKinds.join('|')})'|case '(${forgeKinds.join('|')})'`);
  for (const folder of ['activities', 'client', 'worker', 'workflows']) {
    for (const name of await readdir(join(root, folder), { recursive: true })) {
      if (!name.endsWith('.ts')) continue;
      expect([name, asks.exec(await readFile(join(root, folder, name), 'utf8'))?.[0] ?? null]).toEqual([name, null]);
    }
  }
});
