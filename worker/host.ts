import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { totalmem } from 'node:os';
import writeFileAtomic from 'write-file-atomic';
import type { Environment } from '../client/state/folders.ts';
import { stateLayout } from '../workflows/domain/host/layout.ts';

/** Memory that one agent with its tools takes, from the five CLIs of the reference: 300 to 500 MB. */
const AGENT_BYTES = 512 * 1024 * 1024;

/** Upper bound of the default; a person may ask for more. */
const MOST_AGENTS = 64;

/** The id of this host, stable over restarts: it names the queue of everything that needs this disk. */
export async function hostId(stateRoot: string): Promise<string> {
  const path = stateLayout(stateRoot).host;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  if (!existsSync(path)) await writeFileAtomic(path, randomBytes(6).toString('hex'), { mode: 0o600 }); // never a torn id
  const id = (await readFile(path, 'utf8')).trim();
  if (!/^[0-9a-f]{12}$/.test(id)) throw new Error(`${path} does not hold a host id: remove the file and start again`);
  return id;
}

/** Agents that this host runs at once: `MILLRACE_SLOTS`, else as many as its memory holds, 2 to 64. */
export function hostSlots(env: Environment): number {
  const wanted = Number(env['MILLRACE_SLOTS']);
  if (Number.isInteger(wanted) && wanted > 0) return wanted;
  return Math.max(2, Math.min(MOST_AGENTS, Math.floor(totalmem() / AGENT_BYTES)));
}
