import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stateLayout } from '../../workflows/domain/host/layout.ts';
import { announce, presentIn, withdraw } from '../state/presence.ts';
import { readServerRecord, runningWorker, type ServerRecord } from '../state/running.ts';
import { stopServer } from '../temporal/server.ts';
import { ensureFolder } from '../state/folders.ts';

/** One use of the embedded server by a process that keeps neither it nor a worker running. */
export interface Visit {
  /** The server was started for this visit: whoever is the last to leave takes it away. */
  startedServer(): Promise<void>;
  /** Ends the visit where a supervision keeps the server from now on: that one takes it away. */
  handOver(): Promise<void>;
  leave(): Promise<void>;
}

/** Says that this process uses the server of a state folder, before it connects: it is not stopped under it by others' ends. */
export async function visit(stateRoot: string): Promise<Visit> {
  const root = await ensureFolder(stateRoot);
  const { locks, visited } = stateLayout(root);
  const visitors = join(locks, 'visitors');
  const note = await announce(visitors);
  return {
    async startedServer() {
      const server = await readServerRecord(root);
      if (server) await writeFile(visited, nameOf(server), { mode: 0o600 });
    },
    async handOver() {
      const server = await readServerRecord(root);
      if (server && (await markOf(visited)) === nameOf(server)) await rm(visited, { force: true });
      await withdraw(note);
    },
    async leave() {
      await withdraw(note);
      // First withdrawn, then looked: of two that leave at once at least one sees that nobody is left.
      const server = await readServerRecord(root);
      if (!server || (await markOf(visited)) !== nameOf(server)) return; // it was there before any visit, or somebody's who keeps it
      const users = [...(await presentIn(visitors)), ...(await presentIn(join(locks, 'clients')))];
      if (users.length > 0 || (await runningWorker(root)) !== null) return;
      await stopServer(root);
      await rm(visited, { force: true });
    },
  };
}

/** Which server was started for a visit; null: none was. */
async function markOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function nameOf({ pid, startTime }: ServerRecord): string {
  return `${pid} ${startTime}`;
}
