import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '@temporalio/activity';
import { ActivityNotFoundError, type Client } from '@temporalio/client';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { Logger } from 'pino';
import { failure } from '../activities/failure/failure.ts';

/** Restarts of a worker already back off; a retry delay of Temporal's on top would make each kill dearer. */
const AT_ONCE_MS = 10;

/**
 * Notes on disk which activities this worker holds. A killed worker's activities would stand still until their
 * heartbeat times out (20 s); with the notes the next worker gives them back at once.
 */
export function noteInflight(folder: string): ActivityInterceptorsFactory {
  return (ctx: Context) => {
    const token = Buffer.from(ctx.info.taskToken).toString('base64');
    const path = join(folder, createHash('sha256').update(token).digest('hex').slice(0, 32));
    return {
      inbound: {
        async execute(input, next) {
          // Synchronous: two files of a few bytes cost less than two turns of the event loop.
          writeFileSync(path, token, { mode: 0o600 });
          try {
            return await next(input);
          } finally {
            rmSync(path, { force: true });
          }
        },
      },
    };
  };
}

/** Gives back what an earlier worker of this host held when it was killed. Returns how many activities that were. */
export async function giveBack(client: Client, folder: string, log: Pick<Logger, 'warn'>): Promise<number> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const lost = failure('WorkerLost', 'the worker that held it was killed', { nextRetryDelayMs: AT_ONCE_MS });
  let given = 0;
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    try {
      const token = new Uint8Array(Buffer.from(await readFile(path, 'utf8'), 'base64'));
      await client.activity.fail(token, lost);
      given++;
    } catch (error) {
      // The activity has ended since, or the kill cut the note short: then its heartbeat times out, which costs 20 s.
      // A note must never keep a worker from starting.
      if (!(error instanceof ActivityNotFoundError)) log.warn({ err: error }, 'an activity cannot be given back');
    }
    await rm(path, { force: true });
  }
  return given;
}
