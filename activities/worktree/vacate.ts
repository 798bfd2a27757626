import { failure } from '../failure/failure.ts';
import { endBelow } from '../process/leftovers.ts';

/** Ends whatever a killed worker left at work in a folder. @throws WorktreeBroken where a process cannot be ended. */
export async function vacate(folder: string): Promise<void> {
  mustBeGone(await endBelow(folder), folder);
}

/** Nothing may start where earlier processes still work. @throws WorktreeBroken where there are any. */
export function mustBeGone(survivors: readonly number[], where: string): void {
  if (survivors.length === 0) return;
  const pids = survivors.join(',');
  throw failure('WorktreeBroken', `processes ${pids} in ${where} cannot be ended: look at them with ps -fp ${pids}`);
}
