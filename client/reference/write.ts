import { readFile, writeFile } from 'node:fs/promises';
import { generatedParts, withGenerated } from './pages.ts';
import { jsonSchemas } from './schemas.ts';

/** `npm run docs` writes what documents and editors know of us; tests compare. */
const root = new URL('../../', import.meta.url);
for (const [path, schema] of Object.entries(jsonSchemas())) await writeFile(new URL(path, root), schema);
for (const [path, part] of Object.entries(generatedParts())) {
  const page = await readFile(new URL(path, root), 'utf8');
  await writeFile(new URL(path, root), withGenerated(page, part));
}
