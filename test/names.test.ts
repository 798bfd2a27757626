import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

const exported = /^export (?:abstract |async )?(?:interface|type|class|const|function\*?) (\w+)/gm;

/** The two adapters answer the same questions, so that their parts are twins. */
const adapter = /^activities\/forges\/(github|gitea)\//;

/** Names that still stand for two things: none may be added. */
const known = ['IssueRun', 'Reading', 'Refused', 'Source', 'answerOf', 'batchPage', 'forge', 'isAlive', 'unanswered'];

/** Files by each name that they export. */
const files = new Map<string, string[]>();
for (const top of ['workflows', 'activities', 'client', 'worker']) {
  for (const name of readdirSync(join(root, top), { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts')) continue;
    const text = readFileSync(join(root, top, name), 'utf8');
    for (const [, word = ''] of text.matchAll(exported))
      files.set(word, [...(files.get(word) ?? []), `${top}/${name}`]);
  }
}

function areTwins(places: readonly string[]): boolean {
  const adapters = places.map((place) => adapter.exec(place)?.[1]);
  return places.length === 2 && new Set(adapters).size === 2 && !adapters.includes(undefined);
}

test('a name that is exported stands for one thing', () => {
  const twice = [...files].filter(([name, places]) => places.length > 1 && !areTwins(places) && !known.includes(name));
  expect(twice).toEqual([]);
});

test('the names of the sources are seen', () => {
  expect(files.size).toBeGreaterThan(1_000);
  expect(files.get('createForges')).toEqual(['activities/forges/index.ts']);
});
