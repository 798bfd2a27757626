import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { endFamily } from './end.ts';
import type { ProcessId } from './table.ts';

/** A run that may have left processes behind. */
export interface Leftover {
  readonly process: ProcessId;
  /** Real path of the folder that it worked in. */
  readonly folder: string;
}

/** Ends what is left of one run: its process, found by pid and start time, its group, its descendants, and what works in its folder. */
export function endRun(run: Leftover): Promise<readonly number[]> {
  return endFamily({ leader: run.process, folder: run.folder, graceMs: 0 });
}

/** Ends whatever works in a folder or below it, except what belongs to a person's terminal. */
export async function endBelow(folder: string): Promise<readonly number[]> {
  const real = await realpath(folder).catch(async () =>
    join(await realpath(dirname(folder)).catch(() => dirname(folder)), basename(folder)),
  );
  return endFamily({ leader: null, folder: real, graceMs: 0 });
}
