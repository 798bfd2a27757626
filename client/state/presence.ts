import { randomUUID } from 'node:crypto';
import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRunning, ownIdentity, type ProcessIdentity } from './process-identity.ts';
import { ensureFolder } from './folders.ts';

/** A note in a folder that a living process left: "I am here". */
export interface Presence extends ProcessIdentity {
  readonly path: string;
  /** Its process holds what the folder stands for; otherwise that process is only present. */
  readonly holds: boolean;
}

/**
 * Writes a note for this process. Its name says everything, so nobody sees a note half written. No name is used twice,
 * so whoever finds the writer dead may delete the note: no other process can have taken it over.
 */
export async function announce(folder: string): Promise<Presence> {
  await ensureFolder(folder);
  const own = await ownIdentity();
  const path = join(folder, `${own.pid}~${encode(own.startTime)}~${randomUUID()}`);
  await writeFile(path, '', { flag: 'wx', mode: 0o600 });
  return { ...own, path, holds: false };
}

/** Marks a note as that of the holder. */
export async function markHolder(presence: Presence): Promise<void> {
  await writeFile(presence.path, 'holds\n', { flag: 'r+' });
}

/** Deletes a note; does nothing if it is gone. */
export async function withdraw(presence: Presence): Promise<void> {
  await rm(presence.path, { force: true });
}

/** Notes of living processes, this one's included; those of dead ones are deleted on the way. @throws where it cannot look. */
export async function presentIn(folder: string): Promise<readonly Presence[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []; // nobody was ever here
    throw error;
  });
  const notes = await Promise.all(names.map((name) => read(join(folder, name), name)));
  return notes.filter((note) => note !== null);
}

async function read(path: string, name: string): Promise<Presence | null> {
  const [pid, startTime] = name.split('~');
  if (!pid || !startTime || !/^\d+$/.test(pid)) return null;
  const identity = { pid: Number(pid), startTime: Buffer.from(startTime, 'base64url').toString() };
  if (!(await isRunning(identity))) {
    await rm(path, { force: true });
    return null;
  }
  const size = await stat(path).then(
    (file) => file.size,
    () => null, // withdrawn since the folder was listed
  );
  return size === null ? null : { ...identity, path, holds: size > 0 };
}

/** Encoded, since a date has spaces and colons. */
function encode(startTime: string): string {
  return Buffer.from(startTime).toString('base64url');
}
