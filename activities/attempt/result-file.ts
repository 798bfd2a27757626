import { openPlain } from '../host/plain-file.ts';

/** Largest result file; bytes. */
const LONGEST = 256 * 1024;

/** Text of the file that an agent left its result in; null: none, or nothing that a result can be. */
export async function readResultFile(path: string): Promise<string | null> {
  const file = await openPlain(path);
  if (!file) return null;
  try {
    return (await file.stat()).size <= LONGEST ? await file.readFile('utf8') : null;
  } finally {
    await file.close();
  }
}
