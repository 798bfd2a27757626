import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UsageError } from '../../../client/input/errors.ts';
import { cleanLine, cleanText } from '../../../client/input/text.ts';

test('texts lose what a reader can not see, and only that', async () => {
  const hidden = 'Do\u200b this\u001b[31m now\u{e0041}.\u202e\r\n\tEnd e\u0301\u0000';
  expect(cleanText(hidden)).toBe('Do this[31m now.\n\tEnd \u00e9');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const clean = cleanText(text);
      expect(cleanText(clean)).toBe(clean);
      expect(clean).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e]/);
    }),
  );
});

test('a refusal writes nothing to the terminal but text', () => {
  const { message } = new UsageError({ where: 'a\u001b[2J:1', what: 'x\ny\u0007', mend: 'z\u202e' });
  expect(message).toBe('a[2J:1: x y\n  try: z');
});

test('a line is cut with an ellipsis, never inside a character', () => {
  expect(cleanLine('  a\n\tb ', 10)).toBe('a b');
  expect(cleanLine('abcdef', 5)).toBe('abcd…');
  expect(cleanLine('abc😀def', 5)).toBe('abc…');
});
