import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { generatedParts, withGenerated } from '../../../client/reference/pages.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const parts = Object.entries(generatedParts());

test.each(parts)('%s is what the code says', (path, part) => {
  const page = readFileSync(join(root, path), 'utf8');
  expect(page, `${path} is out of date: run \`npm run docs\``).toBe(withGenerated(page, part));
});

test('a page without a place for the generated part is refused', () => {
  expect(() => withGenerated('# Commands\n', 'x')).toThrow('the page has no line <!-- Generated');
});
