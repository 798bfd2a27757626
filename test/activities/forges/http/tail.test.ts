import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { tailOf } from '../../../../activities/forges/http/tail.ts';

const bytesOf = (text: string) => Buffer.from(text);

test('the last bytes of a text, from the first whole character on', async () => {
  expect(await tailOf(Readable.from([bytesOf('a'), bytesOf('bcd')]), 3)).toBe('bcd');
  expect(await tailOf(Readable.from([bytesOf('ab')]), 3)).toBe('ab');
  expect(await tailOf(Readable.from([bytesOf('aé')]), 1)).toBe('');
});

test('also where the text ends with the chunk at which what was kept is cut', async () => {
  const euros = '€'.repeat(30_000); // 90,000 bytes, more than is kept of it
  expect(await tailOf(Readable.from([bytesOf(euros)]), 100)).toBe('€'.repeat(33));
});
