import { join } from 'node:path';
import { kindAt, readPlain } from '../host/plain-file.ts';
import { isSha } from './names.ts';

/** What the files of a repository say of a ref; `unknown`: only git can tell. */
export type LooseRef = { readonly sha: string } | 'nothing' | 'unknown';

/** Reads a ref without git, whose start takes 4 ms; `dir` is the bare repository, `ref` a full name. */
export async function looseRef(dir: string, ref: string): Promise<LooseRef> {
  const path = join(dir, ref);
  const text = (await readPlain(path))?.trim() ?? '';
  if (isSha(text)) return { sha: text };
  const isThere = async (file: string) => (await kindAt(file)) !== 'nothing';
  return (await isThere(path)) || (await isThere(join(dir, 'packed-refs'))) ? 'unknown' : 'nothing';
}
