import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { growthOf, LINEAR } from '../../../support/growth.ts';
import { dependencyReferences, type Reference } from '../../../../workflows/domain/plan/dependencies.ts';

const shown = ({ repository, number }: Reference) => (repository === null ? number : `${repository}#${number}`);

describe('what blocks an issue is read from its text', () => {
  test.for<[string, readonly (number | string)[]]>([
    ['Depends on #12', [12]],
    ['depends ON #12', [12]],
    ['Blocked by #3', [3]],
    ['Blocked by: #3', [3]],
    ['**Depends on:** #3', [3]],
    ['**Depends on** #3', [3]],
    ['Depends on #1, #2,#3', [1, 2, 3]],
    ['Depends on #1, #2 and #3', [1, 2, 3]],
    ['Depends on #1, and #2 & #4', [1, 2, 4]],
    ['Depends on #12 (the parser), later #13', [12]],
    ['Depends on #12.', [12]],
    ['- Depends on #1\n- blocked by #2', [1, 2]],
    ['1. Depends on #1', [1]],
    ['- [ ] Depends on #1\n  * [x] Depends on #2', [1, 2]],
    ['      - Depends on #1', [1]],
    ['text\n\nDepends on #1\n\nmore\nBlocked by #1, #2', [1, 2]],
    ['This depends on #1', []],
    ['> Depends on #1', []],
    ['    Depends on #1', []],
    ['`Depends on #1`', []],
    ['```\nDepends on #1\n```\nDepends on #2', [2]],
    ['~~~md\nDepends on #1\n```\nDepends on #3\n~~~\nDepends on #2', [2]],
    ['````\n```\nDepends on #1\n````\nDepends on #2', [2]],
    ['```\nDepends on #1', []],
    ['Depends on acme/shop#1', ['acme/shop#1']],
    ['Depends on #4 #2', [4, 2]],
    ['Depends on #4; #2 + #1', [4, 2, 1]],
    ['Blocked by:#3', [3]],
    [
      'Depends on o/r#2, #3 and https://github.com/o/r/issues/4#issuecomment-1',
      ['o/r#2', 3, 'https://github.com/o/r#4'],
    ],
    ['Depends on http://h:3000/sub/o/r/pulls/4', ['http://h:3000/sub/o/r#4']],
    ['Depends on:\n- #1\n- #2 and #3\n\n- the parser (#4)\n- `#5`\n\nText\n- #6', [1, 2, 3, 4]],
    ['## Blocked by\n\n* [ ] https://h/o/r/issues/1\n* [x] o/r#2\n## Other\n* #3', ['https://h/o/r#1', 'o/r#2']],
    ['**Depends on:**\n1. #1\n   which is more\n2. #2', [1, 2]],
    ['- Depends on:\n  - #1\n  - #2\n- #3', [1, 2]],
    ['Depends on:\n```\n- #1\n```\n- #2', [2]],
    ['Depends on the weather\n- #1', []],
    ['Depends on #1\n- #2', [1]],
    ['Depends on:\n\nSee #1', []],
    ['Depends on ../..#1', ['../..#1']],
    ['Depends on #1abc', []],
    ['Depends on #0', []],
    ['Depends on #99999999999', []],
    ['Depends on 12', []],
    ['Depends on', []],
    ['Dependson #1', []],
    ['', []],
  ])('%j: %j', ([text, numbers]) => {
    expect(dependencyReferences(text).map(shown)).toEqual(numbers);
  });

  test('in linear time, however hostile, and never more than a hundred', () => {
    // Each of about so many characters.
    const hostile: readonly ((size: number) => string)[] = [
      (size) => 'Depends on '.repeat(size / 11),
      (size) => `Depends on${' '.repeat(size)}#1`,
      (size) => `Depends on ${'#1, '.repeat(size / 4)}`,
      (size) => '`'.repeat(size),
      (size) => `${' '.repeat(size)}- Depends on #1`,
      (size) => Array.from({ length: size / 16 }, (_, index) => `Depends on #${index + 1}`).join('\n'),
      (size) => 'Depends on \n'.repeat(size / 12),
      (size) => `${'> '.repeat(size / 2)}Depends on #1`,
      (size) => `Depends on:\n${`- ${'a.'.repeat(500)}\n`.repeat(size / 1_000)}`,
      (size) => `Depends on:\n${`- ${'http://'.repeat(140)}\n`.repeat(size / 1_000)}`,
      (size) => `Depends on:\n${`- ${'`'.repeat(990)}\n`.repeat(size / 1_000)}`,
      (size) => `Depends on ${'#1 and '.repeat(size / 7)}`,
    ];
    for (const text of hostile) {
      expect(dependencyReferences(text(1_000_000)).length).toBeLessThanOrEqual(100);
      expect(
        growthOf((size) => dependencyReferences(text(size)), 250_000),
        text(40),
      ).toBeLessThan(LINEAR);
    }
  });

  test('any text gives whole numbers from 1 on, each once', () => {
    const piece = fc.oneof(
      fc.constantFrom('Depends on ', 'Blocked by ', '#', ', ', '\n', '```\n', '- ', ' and ', '**'),
      fc.nat().map(String),
      fc.string({ unit: 'binary', maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const found = dependencyReferences(pieces.join(''));
        expect(new Set(found.map(shown)).size).toBe(found.length);
        const numbers = found.map(({ number }) => number);
        for (const number of numbers) expect(Number.isSafeInteger(number) && number > 0).toBe(true);
      }),
    );
  });
});
