import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folders whose code a worker runs. */
const folders = ['workflows', 'activities', 'worker', 'client'] as const;

/** Identifies this code by 16 hex digits; a worker that runs other code than the client is replaced. */
export async function buildId(): Promise<string> {
  const extension = extname(fileURLToPath(import.meta.url));
  const hash = createHash('sha256');
  for (const folder of folders) {
    const path = fileURLToPath(new URL(`../../${folder}`, import.meta.url));
    const names = (await readdir(path, { recursive: true }))
      .filter((name) => [extension, '.md'].includes(extname(name)))
      .sort();
    const texts = await Promise.all(names.map((name) => readFile(join(path, name))));
    names.forEach((name, index) => hash.update(`${folder}/${name}\n`).update(texts[index]!));
  }
  return hash.digest('hex').slice(0, 16);
}
