import { readFile } from 'node:fs/promises';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import { stateLayout } from '../../workflows/domain/host/layout.ts';
import { isRunning, processIdentitySchema } from './process-identity.ts';

const serverSchema = processIdentitySchema.extend({
  /** `127.0.0.1:17233` */
  address: z.string().regex(/^127\.0\.0\.1:\d{1,5}$/),
  /** Web UI, without a slash at the end. */
  ui: z.url(),
  cliVersion: z.string(),
});

const workerSchema = processIdentitySchema.extend({
  /** Which code it runs; a worker of other code than the client's is replaced. */
  build: z.string().min(1),
  /** Temporal that it polls. */
  address: z.string().min(1),
  namespace: z.string().min(1),
  /** ISO 8601. */
  readyAt: z.string(),
});

/** `server.json`: the embedded server that was started last; kept after its end, so that the next one gets the same ports. */
export type ServerRecord = Readonly<z.infer<typeof serverSchema>>;

/** `worker.json`: the worker that became ready last; written by the worker itself once it polls. */
export type WorkerRecord = Readonly<z.infer<typeof workerSchema>>;

/** The last embedded server of a state folder, dead or alive; null when there was none or the file is broken. */
export function readServerRecord(stateRoot: string): Promise<ServerRecord | null> {
  return read(stateLayout(stateRoot).server, serverSchema);
}

/** Writes down the embedded server that runs on a state folder. */
export async function writeServerRecord(stateRoot: string, record: ServerRecord): Promise<void> {
  await write(stateLayout(stateRoot).server, record);
}

/** The worker that runs on a state folder and is ready; null when there is none. */
export async function runningWorker(stateRoot: string): Promise<WorkerRecord | null> {
  const record = await read(stateLayout(stateRoot).worker, workerSchema);
  return record && (await isRunning(record)) ? record : null;
}

/** Says that this worker is ready: its supervisor waits for it. */
export async function writeWorkerRecord(stateRoot: string, record: WorkerRecord): Promise<void> {
  await write(stateLayout(stateRoot).worker, record);
}

async function read<T>(path: string, schema: z.ZodType<T>): Promise<T | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error; // one that cannot be read may name a server or a worker that runs
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return null; // an older version's, or cut by a full disk: as good as none
  }
}

async function write(path: string, record: ServerRecord | WorkerRecord): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify(record)}\n`, { mode: 0o600 });
}
