import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  cleanLine,
  cleanText,
  cut,
  durationWords,
  moneyWords,
  withoutHidden,
} from '../../../workflows/domain/words.ts';

test.each([
  ['a control', '\u0007'],
  ['a terminal escape', '\u001B'],
  ['a C1 control', '\u009B'],
  ['a soft hyphen', '\u00AD'],
  ['a zero width space', '\u200B'],
  ['a joiner', '\u2060'],
  ['a turn of direction', '\u202E'],
  ['a byte order mark', '\uFEFF'],
  ['a variation selector', '\uFE0F'],
  ['a Hangul filler', '\u3164'],
  ['a tag', '\u{E0041}'],
  ['a private character', '\uE000'],
  ['an undefined one', '\u0378'],
  ['half of a pair', '\uD83D'],
])('%s is hidden', (_, character) => {
  expect(withoutHidden(`a${character}b`)).toBe('ab');
});

test('what a page hides in a line is gone, and what is seen stays', () => {
  const text = 'Do\u200b this\u001b[31m now\u{e0041}.\u202e\r\n\tEnd e\u0301\u0000';
  expect(cleanText(text)).toBe('Do this[31m now.\n\tEnd \u00e9');
});

test('line ends become newlines, tabs and everything that is seen stay', () => {
  expect(withoutHidden('a\r\nb\rc\u2028d\u2029e\tf')).toBe('a\nb\nc\nd\ne\tf');
  expect(withoutHidden('Grüße, 漢字 😀 – §')).toBe('Grüße, 漢字 😀 – §');
});

test('clean text stays as it is when it is cleaned again, and is composed across what was hidden', () => {
  expect(cleanText('e\u200B\u0301')).toBe('é');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const clean = cleanText(text);
      expect(cleanText(clean)).toBe(clean);
      expect(clean).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e]/);
    }),
  );
});

test('a line is cut with an ellipsis, never inside a character', () => {
  expect(cleanLine('  a\n\tb ', 10)).toBe('a b');
  expect(cleanLine('abcdef', 5)).toBe('abcd…');
  expect(cut('abc😀def', 5)).toBe('abc…');
});

test.each([
  [0, '0.0 s'],
  [40, '0.0 s'],
  [9_940, '9.9 s'],
  [9_970, '10 s'],
  [12_400, '12 s'],
  [59_970, '1 min 0 s'],
  [90_000, '1 min 30 s'],
  [3_599_600, '1 h 0 min'],
  [7_500_000, '2 h 5 min'],
])('%d ms are %s', (ms, words) => {
  expect(durationWords(ms)).toBe(words);
});

test('no other file has a set of hidden characters of its own', async () => {
  const root = join(import.meta.dirname, '..', '..', '..');
  const own: string[] = [];
  for (const folder of ['workflows', 'activities', 'worker', 'client']) {
    for (const name of await readdir(join(root, folder), { recursive: true })) {
      if (!name.endsWith('.ts') || name.endsWith('words.ts')) continue;
      const text = await readFile(join(root, folder, name), 'utf8');
      if (/\\p\{(?:Cf|Default_Ignorable|C\})|\\u202[AE]/.test(text)) own.push(join(folder, name));
    }
  }
  expect(own).toEqual([]);
});

test('money is told to the cent', () => {
  expect(moneyWords(1.005)).toBe('$1.00');
  expect(moneyWords(12)).toBe('$12.00');
});
