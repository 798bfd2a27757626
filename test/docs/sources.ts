import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './pages.ts';

const files = ['workflows', 'activities', 'client', 'worker'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(root, folder, name)),
);

/** All of our sources, as their strings read: escapes, and what joins two halves of a message, are taken out. */
export const sources = files
  .filter((path) => path.endsWith('.ts'))
  .map((path) =>
    readFileSync(path, 'utf8')
      .replace(/\\(['"`])/g, '$1')
      .replace(/['"`] \+\s+['"`]/g, ''),
  )
  .join('\n');
