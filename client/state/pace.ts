import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { contentLastHour } from '../../workflows/domain/forge/pace.ts';

/** What is left of a credential's limits, as the workers of this host know it; times are epoch ms. */
export interface PaceView {
  readonly server: string;
  readonly source: string;
  /** Requests an hour; null: the server told of no limit. */
  readonly limit: number | null;
  readonly remaining: number | null;
  readonly resetsAt: number | null;
  /** Issues, comments, reviews and pull requests that were created in the last hour. */
  readonly writesLastHour: number;
  /** Null: nothing is waited for. */
  readonly blockedUntil: number | null;
}

/** The part of a worker's file that is shown; `PaceRecord` is all of it. */
const recordSchema = z.object({
  server: z.string(),
  source: z.string(),
  limit: z.number().nullable(),
  remaining: z.number().nullable(),
  resetsAt: z.number().nullable(),
  blockedUntil: z.number().nullable(),
  counts: z.object({ contentHour: z.record(z.string(), z.number()) }),
});

/** Folder of the files that workers pace themselves by. */
export function paceRoot(cacheRoot: string): string {
  return join(cacheRoot, 'pace');
}

/** What is known of each credential that was used on this host; a file that does not parse is left out. */
export async function readPaces(cacheRoot: string, now = Date.now()): Promise<readonly PaceView[]> {
  const root = paceRoot(cacheRoot);
  const names = (await readdir(root).catch(() => [])).filter((name) => name.endsWith('.json')).sort();
  const views = await Promise.all(
    names.map((name) =>
      readFile(join(root, name), 'utf8')
        .then(viewOf(now))
        .catch(() => []),
    ),
  );
  return views.flat();
}

function viewOf(now: number): (text: string) => readonly PaceView[] {
  return (text) => {
    const { counts, ...told } = recordSchema.parse(JSON.parse(text));
    const isOver = told.resetsAt !== null && told.resetsAt <= now;
    return [
      {
        ...told,
        remaining: isOver ? told.limit : told.remaining,
        resetsAt: isOver ? null : told.resetsAt,
        writesLastHour: contentLastHour(counts.contentHour, now),
        blockedUntil: told.blockedUntil !== null && told.blockedUntil > now ? told.blockedUntil : null,
      },
    ];
  };
}
