import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { kindAt, readPlain } from '../host/plain-file.ts';

/** A bare repository as we want it: files with exactly these contents, and the folders that git looks for. */
export interface BareSpec {
  readonly dir: string;
  /** Where it is built until one rename makes it visible; on the same file system. */
  readonly trash: string;
  readonly files: Readonly<Record<string, string>>;
}

const folders = ['objects', 'objects/info', 'objects/pack', 'refs', 'refs/heads', 'info'] as const;

/**
 * Makes the repository, or restores what a power cut or an agent removed; leaves objects and refs alone.
 * True when it is new: it holds no objects of an earlier one.
 */
export async function ensureBare(spec: BareSpec): Promise<boolean> {
  let made = (await kindAt(spec.dir)) !== 'folder';
  if (made) await publish(spec);
  for (const folder of folders) {
    const path = join(spec.dir, folder);
    const kind = await kindAt(path);
    if (kind === 'folder') continue;
    if (kind !== 'nothing') await rm(path, { force: true }); // a link would take our writes elsewhere
    await mkdir(path, { recursive: true });
    made = true;
  }
  for (const [name, text] of Object.entries(spec.files)) {
    const path = join(spec.dir, name);
    if ((await readPlain(path)) === text) continue;
    if ((await kindAt(path)) !== 'file') await rm(path, { recursive: true, force: true });
    await writeFileAtomic(path, text);
  }
  return made;
}

/** Built aside, so that neither a kill nor a second caller can leave a half-made one in place. */
async function publish(spec: BareSpec): Promise<void> {
  await mkdir(spec.trash, { recursive: true, mode: 0o700 });
  const aside = await mkdtemp(join(spec.trash, 'making-'));
  for (const folder of folders) await mkdir(join(aside, folder), { recursive: true });
  for (const [name, text] of Object.entries(spec.files)) await writeFile(join(aside, name), text);
  await rename(aside, spec.dir).catch(async (error: NodeJS.ErrnoException) => {
    await rm(aside, { recursive: true, force: true });
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error; // else another call was faster
  });
}
