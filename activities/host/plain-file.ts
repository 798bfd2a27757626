import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { open, readdir, type FileHandle } from 'node:fs/promises';
import { unlessExhausted } from './exhaustion.ts';
import { ifMissing } from './missing.ts';

/** Far longer than any file in which git keeps a worktree's state; bytes. */
const LIMIT = 64 * 1024;

// Synchronous inside: such a look takes 10 microseconds, but ten times that through Node's thread pool, and an issue
// needs some hundreds of them.

/** Flags that neither follow a link nor wait at a pipe. */
const LOOK = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Text of a small file that somebody else may have made; null unless it is a regular file with one link. @throws where this process cannot look. */
export async function readPlain(path: string): Promise<string | null> {
  let file: number;
  try {
    file = openSync(path, LOOK);
  } catch (error) {
    return unlessExhausted(null)(error);
  }
  try {
    const facts = fstatSync(file);
    return facts.isFile() && facts.nlink === 1 && facts.size <= LIMIT ? readFileSync(file, 'utf8') : null;
  } finally {
    closeSync(file);
  }
}

/** Opens for reading without following a link or waiting at a pipe; null unless it is a regular file with one link. @throws where this process cannot look. */
export async function openPlain(path: string): Promise<FileHandle | null> {
  const file = await open(path, LOOK).catch(unlessExhausted(null));
  if (!file) return null;
  const facts = await file.stat();
  if (facts.isFile() && facts.nlink === 1) return file;
  await file.close();
  return null;
}

/** What lies at a path, links not followed. */
export async function kindAt(path: string): Promise<'nothing' | 'file' | 'folder' | 'link' | 'other'> {
  const facts = look(path);
  if (!facts) return 'nothing';
  if (facts.isFile()) return 'file';
  if (facts.isDirectory()) return 'folder';
  return facts.isSymbolicLink() ? 'link' : 'other';
}

/** Whether there is a folder with anything in it; an agent can delete, empty or replace its worktree. */
export async function hasFiles(folder: string): Promise<boolean> {
  return (await kindAt(folder)) === 'folder' && (await readdir(folder)).length > 0;
}

/** Names in a folder of ours; empty where there is no such folder. @throws where it cannot be read: it need not be empty then. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(ifMissing([]));
}

/** Null also on an error: a folder above it is a file, or is closed to us. */
function look(path: string): Stats | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    return unlessExhausted(null)(error);
  }
}
