import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The version of the package that this file belongs to, for `--version`; the same from source and from `dist`. */
export async function packageVersion(): Promise<string> {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const { name, version } = await readManifest(join(folder, 'package.json'));
    if (name === 'millrace' && version !== undefined) return version;
    if (folder === dirname(folder)) throw new Error(`no package.json of millrace above ${import.meta.url}`);
  }
}

interface Manifest {
  readonly name?: string;
  readonly version?: string;
}

async function readManifest(path: string): Promise<Manifest> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Manifest;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}
