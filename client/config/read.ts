import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../input/errors.ts';
import { decodeText, readText, tooBig } from '../input/file.ts';
import { parseYaml, type Source } from '../input/yaml.ts';
import type { BaseBranch } from './repository/base.ts';
import type { UserRepository } from './repository/locate.ts';

/** Longest configuration in bytes; a longer one is refused before it is parsed. */
const MAX_BYTES = 128 * 1024;

const NAME = 'millrace.yaml';

/** The configuration as it was found; an empty one where there is none. */
export interface FoundConfig {
  readonly source: Source;
  readonly notices: readonly string[];
  /** False: the repository has none. */
  readonly exists: boolean;
}

/** Reads `--config FILE`. */
export async function readConfigFile(path: string, name: string): Promise<FoundConfig> {
  const text = await readText({ path, name, maxBytes: MAX_BYTES, where: '--config' });
  return { source: parseYaml({ name, text }), notices: [], exists: true };
}

/**
 * Reads `millrace.yaml` from the trusted base commit, since a checked-out branch may be anybody's.
 * Only if the base has none, the one in the working tree counts.
 */
export async function readTrustedConfig(repository: UserRepository, base: BaseBranch): Promise<FoundConfig> {
  const committed = await readCommitted(repository, base);
  // An unreadable file only matters if it is the one to use.
  const uncommitted = await readUncommitted(repository).catch((error: unknown) => {
    if (committed === null) throw error;
    return '';
  });
  const text = committed ?? uncommitted;
  if (text === null) return { source: parseYaml({ name: NAME, text: '' }), notices: [], exists: false };
  const notices: string[] = [];
  if (committed === null) {
    notices.push(`${NAME} is not committed on ${base.name}: the one in the working tree is used until it is`);
  } else if (uncommitted !== null && uncommitted !== committed) {
    notices.push(
      `${NAME} in the working tree differs from the committed one on ${base.name}, which is used; ` +
        `to use yours: --config ${NAME}`,
    );
  }
  return { source: parseYaml({ name: NAME, text }), notices, exists: true };
}

async function readCommitted(repository: UserRepository, base: BaseBranch): Promise<string | null> {
  const where = `${NAME} on ${base.name}`;
  const entry = await repository.ask(['ls-tree', '-z', '-l', '--full-tree', base.commit, '--', NAME]);
  if (entry === null || entry === '') return null;
  const [mode = '', , sha = '', size = ''] = entry.split(/\s+/);
  if (!mode.startsWith('100')) {
    throw new UsageError({
      where,
      what: 'is not a regular file',
      mend: 'commit it as a file, not as a link or folder',
    });
  }
  if (Number(size) > MAX_BYTES) throw new UsageError(tooBig({ name: where, maxBytes: MAX_BYTES }, Number(size)));
  return decodeText(await repository.bytes(sha), { name: where, maxBytes: MAX_BYTES });
}

async function readUncommitted(repository: UserRepository): Promise<string | null> {
  if (repository.workingTree === null) return null;
  const path = join(repository.workingTree, NAME);
  const found = await lstat(path).catch(() => null);
  return found?.isFile() ? readText({ path, name: NAME, maxBytes: MAX_BYTES }) : null;
}
