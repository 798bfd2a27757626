import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stateLayout } from '../../workflows/domain/host/layout.ts';
import { announce, presentIn, withdraw } from '../state/presence.ts';
import { readServerRecord, runningWorker, type ServerRecord } from '../state/running.ts';
import { stopServer } from '../temporal/server.ts';
import { ensureFolder } from '../state/folders.ts';

/** One use of the embedded server by a process that does not keep it running. */
export interface Visit {
  /** Notes that the server was started for this visit: the last visitor to leave stops it. */
  startedServer(): Promise<void>;
  /** Ends the visit of a process that supervises the server from now on; the supervision stops it. */
  handOver(): Promise<void>;
  leave(): Promise<void>;
}

/** Announces that this process uses the server of a state folder. Do it before connecting: nobody stops a server in use. */
export async function visit(stateRoot: string): Promise<Visit> {
  const root = await ensureFolder(stateRoot);
  const { locks, visited } = stateLayout(root);
  const visitors = join(locks, 'visitors');
  const note = await announce(visitors);
  /** The server that was started for this visit; known also where it could not be written down. */
  let own: string | null = null;
  return {
    async startedServer() {
      const server = await readServerRecord(root);
      if (!server) return;
      own = nameOf(server);
      await writeFile(visited, own, { mode: 0o600 });
    },
    async handOver() {
      const server = await readServerRecord(root);
      if (server && (await markOf(visited)) === nameOf(server)) await rm(visited, { force: true });
      await withdraw(note);
    },
    async leave() {
      await withdraw(note);
      // Withdraw first, then look: when two leave at once, at least one of them sees that nobody is left.
      const server = await readServerRecord(root);
      if (!server || (own !== nameOf(server) && (await markOf(visited)) !== nameOf(server))) return; // it ran before any visit, or somebody keeps it running
      const users = [...(await presentIn(visitors)), ...(await presentIn(join(locks, 'clients')))];
      if (users.length > 0 || (await runningWorker(root)) !== null) return;
      await stopServer(root);
      await rm(visited, { force: true, recursive: true });
    },
  };
}

/** The server that was started for a visit; null: none was. */
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
