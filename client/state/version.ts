import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The version of the package that this file belongs to, for `--version`; the same from source and from `dist`. */
export function packageVersion(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const { name, version } = readManifest(join(folder, 'package.json'));
    if (name === 'millrace' && version !== undefined) return version;
    if (folder === dirname(folder)) throw new Error(`no package.json of millrace above ${import.meta.url}`);
  }
}

interface Manifest {
  readonly name?: string;
  readonly version?: string;
}

function readManifest(path: string): Manifest {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Manifest;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}
