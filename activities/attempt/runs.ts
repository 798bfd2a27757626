import { addUsage, type Usage } from '../../workflows/domain/attempt.ts';
import { laterUsage } from '../../workflows/domain/batch/budget.ts';
import { isFinal } from './result.ts';
import { mustBeGone } from '../worktree/vacate.ts';
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

/** Where a killed worker's runs may still be at work. */
export interface EarlierRuns {
  readonly worktree: string;
  /** The attempt's usage, as the last heartbeat before the kill reported it. */
  readonly told: Usage;
}

/** Ends what a killed worker's runs left, so that two agents never share a worktree. @throws WorktreeBroken where it cannot. */
export async function endEarlierRuns(journal: AttemptJournal, { worktree, told }: EarlierRuns): Promise<void> {
  const unseen = unseenRuns(journal.state());
  const survivors: number[] = [];
  for (const each of unseen) survivors.push(...(await endRun(each)));
  survivors.push(...(await endBelow(worktree)));
  mustBeGone(survivors, worktree);
  if (unseen.length === 0) return;
  const { runs, usage } = journal.state();
  await journal.update({
    runs: runs.map((each) => ({ ...each, end: each.end ?? 'its worker was killed' })),
    usage: laterUsage(told, usage),
  });
}

/** Notes that a program was started, before it gets its input. */
export async function noteStart(journal: AttemptJournal, started: Leftover): Promise<void> {
  const { process, folder } = started;
  const run = { startedAt: Date.now(), process, folder, end: null };
  await journal.update({ runs: [...journal.state().runs, run] });
}

/** Notes how a run ended; after a final conclusion the agent is not started again. */
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
