import { join } from 'node:path';
import { stateLayout } from '../../workflows/domain/host/layout.ts';
import { readJournal, unseenRuns, type JournalRun } from './journal.ts';
import { namesIn } from '../host/plain-file.ts';
import { endBelow, endRun } from '../process/leftovers.ts';

/** What was still running when a worker started. */
export interface OrphansEnded {
  /** How many runs no worker saw end. */
  readonly runs: number;
  /** Pids that could not be ended: nothing may start in their worktrees. */
  readonly survivors: readonly number[];
}

/** Ends whatever the agents, checks and set-ups of a killed worker left running; at a worker's start, before it takes work. */
export async function endOrphans(stateRoot: string): Promise<OrphansEnded> {
  const layout = stateLayout(stateRoot);
  const survivors = new Set<number>();
  let runs = 0;
  for (const repository of await namesIn(layout.repositories)) {
    const places = layout.repository(repository);
    for (const run of await unseenRunsBelow(join(places.root, 'attempts'))) {
      runs++;
      for (const pid of await endRun(run)) survivors.add(pid);
    }
    for (const pid of await endBelow(places.worktrees)) survivors.add(pid);
  }
  return { runs, survivors: [...survivors] };
}

async function unseenRunsBelow(attempts: string): Promise<readonly JournalRun[]> {
  const found: JournalRun[] = [];
  for (const issue of await namesIn(attempts)) {
    for (const attempt of await namesIn(join(attempts, issue))) {
      const journal = await readJournal(join(attempts, issue, attempt, 'journal.json'));
      if (journal) found.push(...unseenRuns(journal));
    }
  }
  return found;
}
