import { expect, test } from 'vitest';
import { UsageError } from '../../../client/input/errors.ts';
import { quote } from '../../../client/input/text.ts';

test('a refusal writes nothing to the terminal but text', () => {
  const { message } = new UsageError({ where: 'a\u001b[2J:1', what: 'x\ny\u0007', mend: 'z\u202e' });
  expect(message).toBe('a[2J:1: x y\n  try: z');
});

test('what the user wrote is quoted on one line, and cut', () => {
  expect(quote('a\n\u200bb')).toBe('"a b"');
  expect(quote('x'.repeat(61))).toBe(`"${'x'.repeat(59)}…"`);
});
