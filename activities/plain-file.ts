import { constants } from 'node:fs';
import { lstat, open, readdir, type FileHandle } from 'node:fs/promises';

/** Longest file that git keeps of a worktree's state, and far above it. */
const LIMIT = 64 * 1024;

/** Text of a small file that somebody else may have made; null unless it is a regular file with one link. */
export async function readPlain(path: string): Promise<string | null> {
  const file = await openPlain(path);
  if (!file) return null;
  try {
    const { size } = await file.stat();
    return size <= LIMIT ? await file.readFile('utf8') : null;
  } finally {
    await file.close();
  }
}

/** Opens for reading without following a link or waiting at a pipe; null unless it is a regular file with one link. */
export async function openPlain(path: string): Promise<FileHandle | null> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags).catch(() => null);
  if (!file) return null;
  const facts = await file.stat();
  if (facts.isFile() && facts.nlink === 1) return file;
  await file.close();
  return null;
}

/** What lies at a path, links not followed. */
export async function kindAt(path: string): Promise<'nothing' | 'file' | 'folder' | 'link' | 'other'> {
  const facts = await lstat(path).catch(() => null);
  if (!facts) return 'nothing';
  if (facts.isFile()) return 'file';
  if (facts.isDirectory()) return 'folder';
  return facts.isSymbolicLink() ? 'link' : 'other';
}

/** Whether there is a folder with anything in it; an agent can delete, empty or replace its worktree. */
export async function hasFiles(folder: string): Promise<boolean> {
  return (await kindAt(folder)) === 'folder' && (await readdir(folder)).length > 0;
}
