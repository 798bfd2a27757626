import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { kindAt, readPlain } from '../host/plain-file.ts';

/** A bare repository as we want it: files that read exactly so, and the folders that git looks for. */
export interface BareSpec {
  readonly dir: string;
  /** Where it is built before one rename shows it; same file system. */
  readonly trash: string;
  readonly files: Readonly<Record<string, string>>;
}

const folders = ['objects', 'objects/info', 'objects/pack', 'refs', 'refs/heads', 'info'] as const;

/**
 * Makes the repository, or gives back what a power cut or an agent took from it; objects and refs are left alone.
 * True: it has no objects that it could have had before.
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

/** Built aside: neither a kill nor a second caller can show a half-made one. */
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
