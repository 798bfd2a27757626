import type { Records } from '../../../activities/forges/local/records.ts';

/** Thrown in place of a kill. */
export class Killed extends Error {
  override readonly name = 'Killed';
}

/** Records of a process that dies around one write: `at` 0 before the first, 1 after it, 2 before the second, and so on. */
export function breakingAt(records: Records, at: number): Records {
  let point = 0;
  let dead = false;
  const pass = () => {
    if (dead || point++ === at) {
      dead = true;
      throw new Killed(`killed at point ${at}`);
    }
  };
  const around = async <T>(write: () => Promise<T>): Promise<T> => {
    pass();
    const result = await write();
    pass();
    return result;
  };
  return {
    ...records,
    write: (path, record) => around(() => records.write(path, record)),
    create: (path, record) => around(() => records.create(path, record)),
  };
}
