import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

const exported = /^export (?:abstract |async )?(interface|type|class|const|function\*?) (\w+)/gm;

/** The two adapters answer the same questions, so that their parts are twins. */
const adapter = /^activities\/forges\/(github|gitea)\//;

/** Files by each name that they export. */
const files = new Map<string, string[]>();
const types = new Set<string>();
/** Exported names without a sentence above them. */
const silent: string[] = [];
for (const top of ['workflows', 'activities', 'client', 'worker']) {
  for (const name of readdirSync(join(root, top), { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts')) continue;
    const text = readFileSync(join(root, top, name), 'utf8');
    for (const { 1: kind = '', 2: word = '', index } of text.matchAll(exported)) {
      if (!text.slice(0, index).endsWith('*/\n')) silent.push(`${top}/${name}: ${word}`);
      files.set(word, [...(files.get(word) ?? []), `${top}/${name}`]);
      if (['interface', 'type', 'class'].includes(kind)) types.add(word);
    }
  }
}

function areTwins(places: readonly string[]): boolean {
  const adapters = places.map((place) => adapter.exec(place)?.[1]);
  return places.length === 2 && new Set(adapters).size === 2 && !adapters.includes(undefined);
}

test('a name that is exported stands for one thing', () => {
  const twice = [...files].filter(([, places]) => places.length > 1 && !areTwins(places));
  expect(twice).toEqual([]);
});

test('every exported name has a sentence that says what it is for', () => {
  expect(silent).toEqual([]);
});

test('the names of the sources are seen', () => {
  expect(files.size).toBeGreaterThan(1_000);
  expect(files.get('createForges')).toEqual(['activities/forges/index.ts']);
});

test('the noun of every exported type stands in the glossary', () => {
  const glossary = readFileSync(join(root, 'docs/glossary.md'), 'utf8');
  const rows = [...glossary.matchAll(/^\| ([^|]+?) +\|/gm)].map(([, word]) => word!.replace(/\(.*/, '').trim());
  const words = new Set(rows.flatMap((row) => row.split(/, | |-|’/)).map(singular));
  expect(words).toContain('issue');
  const unknown = [...types].filter((type) => !words.has(singular(nounOf(type))));
  expect(unknown).toEqual([]);
});

/** What a type is: its last word but particles, so that a `ReviewRequest` is a request and a `ForgeFor` a forge. */
function nounOf(type: string): string {
  const words = type.replace(/([a-z0-9])([A-Z])/g, '$1 $2').split(' ');
  return words.findLast((word) => !particles.has(word)) ?? type;
}

const particles = new Set(['Before', 'By', 'For', 'In', 'Next', 'No', 'Of', 'On', 'Over', 'Up']);

function singular(word: string): string {
  return word
    .toLowerCase()
    .replace(/ies$/, 'y')
    .replace(/([^su])s$/, '$1');
}
