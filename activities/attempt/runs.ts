import { addUsage, type Usage } from '../../workflows/domain/attempt.ts';
import { laterUsage } from '../../workflows/domain/batch/budget.ts';
import { isFinal } from './result.ts';
import { failure } from '../failure/failure.ts';
import { unseenRuns, type AttemptJournal } from './journal.ts';
import { endBelow, endRun, type Leftover } from '../process/leftovers.ts';
import type { Conclusion } from '../agents/agent.ts';

/** How one run of an agent ended, and what it used. */
export interface AgentRun {
  readonly conclusion: Conclusion;
  readonly usage: Usage;
  /** The id that the agent told for its session; null: none. */
  readonly session: string | null;
  readonly durationMs: number;
  /** How the process ended, in words for the journal. */
  readonly end: string;
  /** Processes that could not be ended. */
  readonly survivors: readonly number[];
}

/** Where runs of a killed worker may still be at work. */
export interface EarlierRuns {
  readonly worktree: string;
  /** Usage of the attempt that the last heartbeat of a killed run told. */
  readonly told: Usage;
}

/** Nothing of a killed worker's run may live beside the next one: never two agents in one worktree. @throws WorktreeBroken */
export async function endEarlierRuns(journal: AttemptJournal, { worktree, told }: EarlierRuns): Promise<void> {
  const unseen = unseenRuns(journal.state());
  const survivors: number[] = [];
  for (const each of unseen) survivors.push(...(await endRun(each)));
  survivors.push(...(await endBelow(worktree)));
  if (survivors.length > 0) {
    const pids = survivors.join(', ');
    throw failure('WorktreeBroken', `processes ${pids} in ${worktree} cannot be ended: look at them with ps`);
  }
  if (unseen.length === 0) return;
  const { runs, usage } = journal.state();
  await journal.update({
    runs: runs.map((each) => ({ ...each, end: each.end ?? 'its worker was killed' })),
    usage: laterUsage(told, usage),
  });
}

/** Writes down that a program was started, before it gets its input. */
export async function noteStart(journal: AttemptJournal, started: Leftover): Promise<void> {
  const { process, folder } = started;
  const run = { startedAt: Date.now(), process, folder, end: null };
  await journal.update({ runs: [...journal.state().runs, run] });
}

/** Writes down how a run ended; after a final conclusion the agent is not started again. */
export async function noteEnd(journal: AttemptJournal, ended: AgentRun): Promise<void> {
  const { runs, usage, durationMs } = journal.state();
  await journal.update({
    runs: runs.map((each) => ({ ...each, end: each.end ?? ended.end })),
    ...(ended.session === null ? {} : { session: ended.session }),
    usage: addUsage(usage, ended.usage),
    durationMs: durationMs + ended.durationMs,
    ...(isFinal(ended.conclusion) ? { conclusion: ended.conclusion } : {}),
  });
}
