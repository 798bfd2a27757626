import { randomUUID } from 'node:crypto';
import { mkdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, normalize, relative } from 'node:path';
import { kindAt, openPlain } from '../host/plain-file.ts';
import type { Repository } from '../repository/repository.ts';
import { unlessExhausted } from '../host/exhaustion.ts';

/** Copies the configured untracked files into a worktree; a sentence for each one that it left out. */
export async function copyFiles(repository: Repository, worktree: string): Promise<readonly string[]> {
  const { settings } = repository;
  const problems = await Promise.all(
    settings.worktree.copy.map((name) => copyOne(name, { from: settings.repository.path, to: worktree })),
  );
  return problems.filter((problem) => problem !== null);
}

async function copyOne(name: string, path: { from: string; to: string }): Promise<string | null> {
  if (!isInner(name)) return `${name} is not copied: a path inside the repository is needed`;
  const [source, target] = [join(path.from, name), join(path.to, name)];
  if (!(await isBelow(path.from, dirname(source)))) return `${name} is not copied: it is not there, or behind a link`;
  const file = await openPlain(source);
  if (!file) return `${name} is not copied: no regular file of that name in ${path.from}`;
  try {
    if ((await kindAt(target)) !== 'nothing') return `${name} is not copied: the repository has it already`;
    // A link in the tree could lead anywhere, so the folder is made first and looked at afterwards.
    const below = await madeBelow(path.to, dirname(target));
    if (!below) return `${name} is not copied: its folder is a link in the repository`;
    const { mode } = await file.stat();
    const aside = `${target}.${randomUUID()}`;
    try {
      await writeFile(aside, await file.readFile(), { flag: 'wx', mode: mode & 0o777 });
      await rename(aside, target);
    } finally {
      await rm(aside, { force: true });
    }
    return null;
  } finally {
    await file.close();
  }
}

/** Whether a path is relative, stays inside, and is none of git's own. */
function isInner(name: string): boolean {
  const parts = normalize(name).split('/');
  return name !== '' && !name.startsWith('/') && !parts.some((part) => part === '..' || part.toLowerCase() === '.git');
}

/** Makes the missing folders one by one, each below `root`; false as soon as one leads outside. */
async function madeBelow(root: string, folder: string): Promise<boolean> {
  let path = root;
  for (const part of relative(root, folder).split('/').filter(Boolean)) {
    path = join(path, part);
    const kind = await kindAt(path);
    if (kind === 'nothing') await mkdir(path);
    else if (kind !== 'folder') return false;
  }
  return true;
}

/** Whether a folder really is where its name says, with no link on the way. */
async function isBelow(root: string, folder: string): Promise<boolean> {
  const [real, realRoot] = await Promise.all([
    realpath(folder).catch(unlessExhausted(null)),
    realpath(root).catch(unlessExhausted(null)),
  ]);
  return real !== null && realRoot !== null && real === join(realRoot, relative(root, folder));
}
