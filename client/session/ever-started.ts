import { readdir } from 'node:fs/promises';
import { UsageError } from '../input/errors.ts';
import { stateRoot, type Environment } from '../state/folders.ts';
import { namedTemporal } from '../temporal/connect.ts';

/** Whether there is anything to look at: a Temporal that the user named, or a database of an embedded one. */
export async function everStarted(env: Environment): Promise<boolean> {
  if (namedTemporal(env)) return true;
  try {
    return (await readdir(stateRoot(env))).some((name) => /^temporal-.*\.db$/.test(name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** Refuses to start a server only to find that it knows nothing. @throws UsageError where nothing was ever started. */
export async function requireStarted(env: Environment): Promise<void> {
  if (await everStarted(env)) return;
  throw new UsageError({
    where: stateRoot(env),
    what: 'nothing was ever started with this state folder',
    mend: 'start one: `millrace start-batch PLAN`; where your batches have another folder, name it by MILLRACE_STATE',
  });
}
