import { open, rename, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ensureFolder } from './folders.ts';
import { logSentence } from './log-line.ts';

/** One older generation is kept beside it. */
const largestLogBytes = 10_000_000;

/** Opens a child's log for appending; a big one is put aside as `.1` first. */
export async function openLog(path: string): Promise<FileHandle> {
  await ensureFolder(dirname(path));
  const size = await logSize(path);
  if (size > largestLogBytes) await rename(path, `${path}.1`);
  return open(path, 'a', 0o600);
}

/** Size of a log in bytes; remembered before a start, it separates the start's own lines from older ones. */
export async function logSize(path: string): Promise<number> {
  return stat(path).then(
    (file) => file.size,
    () => 0,
  );
}

/** The last five lines of a log from a byte on, of its last 4 KB, as sentences for an error message. */
export async function logTail(path: string, from: number): Promise<string> {
  const file = await open(path, 'r').catch(() => null);
  if (!file) return '';
  try {
    const { size } = await file.stat();
    const start = Math.max(from > size ? 0 : from, size - 4_096);
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(size - start), position: start });
    return buffer.subarray(0, bytesRead).toString('utf8').trim().split('\n').slice(-5).map(logSentence).join('\n');
  } finally {
    await file.close();
  }
}
