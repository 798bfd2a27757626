import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { stateLayout } from '../../workflows/domain/host/layout.ts';
import { readJournal, unseenRuns, type JournalRun } from './journal.ts';
import { namesIn } from '../host/plain-file.ts';
import { endFamily } from '../process/end.ts';

/** What was still running when a worker started; pids. */
export interface OrphansEnded {
  /** Runs whose end no worker saw. */
  readonly runs: number;
  /** Processes that could not be ended: nothing may start in their worktrees. */
  readonly survivors: readonly number[];
}

/** Worker start, before it takes any work: ends all that a killed worker's agents, checks and set-ups left running. */
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

/** Ends what is left of one run: by pid and start time, its group, its descendants, and what works in its worktree. */
export function endRun(run: Pick<JournalRun, 'process' | 'folder'>): Promise<readonly number[]> {
  return endFamily({ leader: run.process, folder: run.folder, graceMs: 0 });
}

/** Ends whatever works in a folder or below it, but for what belongs to a person's terminal. */
export async function endBelow(folder: string): Promise<readonly number[]> {
  const real = await realpath(folder).catch(async () =>
    join(await realpath(dirname(folder)).catch(() => dirname(folder)), basename(folder)),
  );
  return endFamily({ leader: null, folder: real, graceMs: 0 });
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
