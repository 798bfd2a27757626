import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { agents } from '../../../activities/agents/index.ts';
import { agentFacts, agentKinds } from '../../../workflows/domain/agent-facts.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Our sources without their comments, by path. */
async function sources(): Promise<ReadonlyMap<string, string>> {
  const folders = ['activities', 'client', 'worker', 'workflows'];
  const found = await Promise.all(
    folders.map(async (folder) => {
      const names = await readdir(join(root, folder), { recursive: true });
      return names.filter((name) => name.endsWith('.ts')).map((name) => join(folder, name));
    }),
  );
  const texts = found.flat().map(async (path) => {
    const text = await readFile(join(root, path), 'utf8');
    return [path, text.replace(/^\s*(\/\*\*|\*|\/\/).*$/gm, '')] as const;
  });
  return new Map(await Promise.all(texts));
}

const all = await sources();

// Besides its adapter, a tool is named where it is a row: of what a person has to know, and of what can be run.
test.for(Object.keys(agentFacts))('%s is one file and a row in each of two tables, and nothing else', (kind) => {
  const named = new RegExp(`(?<![\\w-])${kind}(Agent)?(?![\\w-])`, 'i');
  const places = [...all].flatMap(([path, text]) => (named.test(text) ? [path] : []));
  expect(places.toSorted()).toEqual(
    [`activities/agents/${kind}.ts`, 'activities/agents/index.ts', 'workflows/domain/agent-facts.ts'].toSorted(),
  );
  const rows = [...all.get('workflows/domain/agent-facts.ts')!.matchAll(new RegExp(`^  ${kind}: \\{$`, 'gm'))];
  expect(rows).toHaveLength(1);
});

test('each kind has an adapter that says which one it is', () => {
  expect(Object.entries(agents).map(([kind, adapter]) => [kind, adapter.kind])).toEqual(
    agentKinds.map((kind) => [kind, kind]),
  );
});

test('what tells an agent what to do is a file of its own', () => {
  for (const { instructions } of Object.values(agentFacts)) expect(instructions).not.toEqual([]);
});
