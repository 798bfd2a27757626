import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import {
  freshPace,
  learned,
  reserveTurn,
  type LimitTold,
  type PaceRecord,
  type RequestKind,
  type Rules,
} from '../../workflows/domain/forge/pace.ts';
import type { Credential } from '../credentials/credential.ts';
import { ForgeError } from '../failure/forge-error.ts';
import { inOrder } from '../host/in-order.ts';
import { ifMissing } from '../host/missing.ts';

/** One limiter per credential, shared by all processes of this host. */
export interface Pace {
  /** Waits until one request may be sent. @throws the signal's reason. @throws ForgeError `rate-limit` if the wait is too long for an activity. */
  turn(kind: RequestKind, signal?: AbortSignal): Promise<void>;
  learn(told: LimitTold): Promise<void>;
}

/** Takes the host-wide lock that a folder stands for; a dead process holds no lock. */
export type TakeLock = (folder: string, waitMs: number) => Promise<{ release(): Promise<void> }>;

/** Where paces are kept, and how processes lock each other out. */
export interface PacePlace {
  readonly root: string;
  readonly lock: TakeLock;
  /** Epoch ms; left out: this machine's clock. */
  readonly clock?: () => number;
  /** Rejects when the signal aborts; left out: it waits. */
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** Which credential is paced, at which server, and by which rules. */
export interface PaceOf {
  readonly credential: Pick<Credential, 'id' | 'source'>;
  /** Address of the server. */
  readonly server: string;
  readonly rules: Rules;
}

/** Longest wait inside an activity; Temporal does the longer ones. */
const LONGEST_WAIT_MS = 5 * 60_000;

/** A holder needs milliseconds; a stopped one (Ctrl-Z) keeps the lock until it continues. */
const LOCK_MS = 10_000;

const countsSchema = z.record(z.string().regex(/^\d{1,12}$/), z.number().nonnegative());
const time = z.number().nonnegative();
const recordSchema = z.object({
  version: z.literal(1),
  server: z.string(),
  source: z.string(),
  limit: z.number().nullable(),
  remaining: z.number().nullable(),
  resetsAt: time.nullable(),
  blockedUntil: time.nullable(),
  nextWriteAt: time,
  counts: z.object({
    points: countsSchema,
    search: countsSchema,
    contentMinute: countsSchema,
    contentHour: countsSchema,
  }),
}) satisfies z.ZodType<PaceRecord>;

/** Paces one credential with a file in which every process reserves its turn before it waits for it. */
export function createPace(place: PacePlace, { credential, server, rules }: PaceOf): Pace {
  const { root, lock, clock = Date.now, sleep = waitFor } = place;
  const file = join(root, `${credential.id}.json`);
  const fresh = freshPace({ server: new URL(server).origin, source: credential.source });

  const read = async (): Promise<PaceRecord> => {
    const text = await readFile(file, 'utf8').catch(ifMissing(''));
    return parsed(text) ?? fresh; // what a power cut tore is forgotten: the forge tells again
  };
  const change = <T extends { readonly record: PaceRecord }>(how: (known: PaceRecord) => T): Promise<T> =>
    inOrder(`pace ${file}`, async () => {
      await mkdir(root, { recursive: true, mode: 0o700 });
      const held = await lock(join(root, `${credential.id}.lock`), LOCK_MS).catch(refuseToGuess);
      try {
        const next = how(await read());
        const { server: known, source } = fresh;
        const text = `${JSON.stringify({ ...next.record, server: known, source })}\n`;
        await writeFileAtomic(file, text, { mode: 0o600, fsync: false }); // after a power cut nothing of it matters
        return next;
      } finally {
        await held.release();
      }
    });

  return {
    async turn(kind, signal) {
      const latest = clock() + LONGEST_WAIT_MS;
      for (;;) {
        signal?.throwIfAborted();
        const { at, now } = await change((known) => {
          const now = clock(); // under the lock, so that it runs forward for all processes together
          const turn = reserveTurn(known, kind, { now, rules });
          return turn.at > latest ? { at: turn.at, now, record: known } : { ...turn, now }; // a turn that nobody takes is not reserved
        });
        if (at > latest) throw tooLong({ server, source: credential.source, at, now });
        if (at <= now) return;
        await sleep(at - now, signal).catch((error: unknown) => {
          throw signal?.aborted ? signal.reason : error;
        });
        if (((await read()).blockedUntil ?? 0) <= clock()) return;
        // The forge told another process to stop while we waited.
      }
    },
    async learn(told) {
      await change((known) => ({ record: learned(known, told, clock()) }));
    },
  };
}

async function waitFor(ms: number, signal?: AbortSignal): Promise<void> {
  if (ms > 0) await wait(ms, undefined, signal ? { signal } : {});
}

function parsed(text: string): PaceRecord | null {
  try {
    return recordSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

function tooLong(wait: {
  readonly server: string;
  readonly source: string;
  readonly at: number;
  readonly now: number;
}): ForgeError {
  const until = new Date(wait.at).toISOString();
  const message = `${wait.server} takes no more requests of ${wait.source} until ${until}: its limit is used up; it will be asked again then`;
  return new ForgeError('rate-limit', message, { retryAfterMs: wait.at - wait.now });
}

/** Without the lock two processes could take the same turn: fail, and let the caller try again. */
function refuseToGuess(error: unknown): never {
  if (!(error instanceof Error && error.name === 'LockHeld')) throw error;
  throw new ForgeError('rate-limit', `no turn could be reserved: ${error.message}`, { retryAfterMs: LOCK_MS });
}
