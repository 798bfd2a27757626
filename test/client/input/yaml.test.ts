import fc from 'fast-check';
import { stringify } from 'yaml';
import { expect, test } from 'vitest';
import { UsageError } from '../../../client/input/errors.ts';
import { parseYaml } from '../../../client/input/yaml.ts';

test('whatever is thrown at the YAML door, it answers with a value or with a place', () => {
  const pieces = fc.constantFrom(
    'a',
    ': ',
    '- ',
    '? ',
    '\n',
    '  ',
    '[',
    ']',
    '{',
    '}',
    ',',
    '&x ',
    '*x',
    '!t ',
    '|',
    '>',
    '"',
    "'",
    '#',
    '---\n',
    '\t',
    '%YAML 1.1\n',
    '<<: ',
  );
  const noise = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 40 }).map((all) => all.join('')),
  );
  fc.assert(
    fc.property(noise, (text) => {
      try {
        parseYaml({ name: 'x', text }).at(['a', 0, 'b']);
      } catch (error) {
        expect(error).toBeInstanceOf(UsageError);
        expect((error as UsageError).problems[0]?.where).toMatch(/^x:\d+:\d+$/);
      }
    }),
    { numRuns: 500 },
  );
});

test('the YAML door reads what a YAML writer writes', () => {
  const key = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 10 }).filter((each) => each !== '__proto__');
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      tie('leaf'),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    ),
    leaf: fc.oneof(fc.string({ unit: 'grapheme-ascii' }), fc.integer(), fc.boolean(), fc.constant(null)),
  }));
  fc.assert(
    fc.property(value, (written) => {
      expect(parseYaml({ name: 'x', text: stringify(written) }).value).toEqual(written);
    }),
  );
});

test('32,000 keys, many anchors and long garbage are answered at once', () => {
  const bombs = [
    Array.from({ length: 32_000 }, (_, at) => `k${at}: 1`).join('\n'),
    Array.from({ length: 8_000 }, (_, at) => `- &a${at} 1\n- *a${at}`).join('\n'),
    '['.repeat(100_000),
    '- '.repeat(60_000),
    '? '.repeat(60_000),
    '"'.repeat(100_001),
    ':'.repeat(100_001),
  ];
  for (const text of bombs) {
    const begin = performance.now();
    try {
      parseYaml({ name: 'x', text });
    } catch (error) {
      expect(error).toBeInstanceOf(UsageError);
    }
    // Measured: at most 0.8 s alone; with its check for double keys `yaml` needs 3.5 s for the first.
    expect(performance.now() - begin, text.slice(0, 20)).toBeLessThan(8_000);
  }
});
