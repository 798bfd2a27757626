import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

const exported = /^export (?:abstract |async )?(interface|type|class|const|function\*?) (\w+)/gm;

/** The two adapters answer the same questions, so that their parts are twins. */
const adapter = /^activities\/forges\/(github|gitea)\//;

interface Exported {
  readonly kind: string;
  readonly word: string;
  readonly file: string;
  /** A sentence stands above it. */
  readonly hasSentence: boolean;
}

function exportsOf(file: string): readonly Exported[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(exported)].map(({ 1: kind = '', 2: word = '', index }) => {
    return { kind, word, file, hasSentence: text.slice(0, index).endsWith('*/\n') };
  });
}

function sourcesBelow(top: string): readonly string[] {
  const names = readdirSync(join(root, top), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.ts')).map((name) => `${top}/${name}`);
}

const all = ['workflows', 'activities', 'client', 'worker'].flatMap(sourcesBelow).flatMap(exportsOf);

/** Files by each name that they export. */
const files = new Map<string, readonly string[]>();
for (const { word, file } of all) files.set(word, [...(files.get(word) ?? []), file]);

function areTwins(places: readonly string[]): boolean {
  const adapters = places.map((place) => adapter.exec(place)?.[1]);
  return places.length === 2 && new Set(adapters).size === 2 && !adapters.includes(undefined);
}

test('a name that is exported stands for one thing', () => {
  const twice = [...files].filter(([, places]) => places.length > 1 && !areTwins(places));
  expect(twice).toEqual([]);
});

test('every exported name has a sentence that says what it is for', () => {
  expect(all.filter(({ hasSentence }) => !hasSentence)).toEqual([]);
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
  const types = all.filter(({ kind }) => ['interface', 'type', 'class'].includes(kind));
  const unknown = types.filter(({ word }) => !words.has(singular(nounOf(word))));
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
