import { setTimeout as sleep } from 'node:timers/promises';
import type { AttemptInput, AttemptLeftover, AttemptResult } from '../../workflows/domain/attempt.ts';
import { isReading } from '../../workflows/domain/settings.ts';
import { attemptRef } from '../../workflows/ids.ts';
import type { Conclusion } from '../agents/agent.ts';
import { failure } from '../failure/failure.ts';
import { checked } from '../git/names.ts';
import { inOrder } from '../host/in-order.ts';
import { once } from '../host/once.ts';
import type { Urgency } from '../host/slots.ts';
import type { CommittedWork } from '../worktree/commit-work.ts';
import { openWorkArea } from '../worktree/work-area.ts';
import { endOf, isFinal, summaryOf } from './result.ts';
import { openJournal } from './journal.ts';
import { openLedger } from './ledger.ts';
import type { Pulse } from './pulse.ts';
import type { AgentDeps, RunningAttempt } from './running-attempt.ts';
import { endEarlierRuns } from './runs.ts';
import { runInSession } from './session-run.ts';

/** After so many crashes and stalls of one attempt another start would not help. */
const MOST_CRASHES = 3;

/** Longest time that a cancelled attempt takes to keep its work. */
const LAST_SAVE_MS = 8_000;

/** The attempts of one worker. */
export interface Attempts {
  /** Brings an attempt to its result, from wherever its journal says that it stands. */
  run(input: AttemptInput, pulse: Pulse): Promise<AttemptResult>;
}

/** Attempts that share a worker's slots, and one ledger for each repository. */
export function createAttempts(deps: AgentDeps): Attempts {
  const ledgerAt = once((folder: string) => openLedger(folder));
  return {
    async run(input, pulse) {
      const repository = await deps.repositories.open(input.issue);
      const folder = repository.layout.attempt(checked('key', input.issue.key), input.attempt);
      // A frozen worker may still hold a run, which is told to stop when the worker wakes: the retry waits for that.
      return inOrder(`attempt ${folder}`, async () => {
        const journal = await openJournal(folder, input);
        const ledger = await ledgerAt(repository.layout.ledger);
        return runAttempt({ deps, repository, input, journal, pulse, ledger });
      });
    },
  };
}

async function runAttempt(at: RunningAttempt): Promise<AttemptResult> {
  const { deps, input, journal, pulse } = at;
  const { result, conclusion } = journal.state();
  if (result) return result;
  if (conclusion) return save(at, conclusion);
  await endEarlierRuns(journal, { worktree: worktreeOf(at), told: pulse.now().usage });
  return deps.slots.hold(urgencyOf(input), pulse.signal, async () => save(at, await runInSession(at)));
}

/** An issue that has begun goes before one that has not. */
function urgencyOf({ ask, session }: AttemptInput): Urgency {
  return ask.kind === 'implement' && !session.resumed ? 'first-step' : 'follow-up';
}

/** Keeps the work first, whatever the conclusion is; then tells the workflow. */
async function save(at: RunningAttempt, conclusion: Conclusion): Promise<AttemptResult> {
  const { input, repository, journal, pulse } = at;
  pulse.send({ phase: 'saving' });
  if (conclusion.kind === 'cancelled') {
    await Promise.race([keepWhatCanBe(at), sleep(LAST_SAVE_MS, undefined, { ref: false })]);
    throw pulse.signal.reason;
  }
  const kept = await keepWork(at);
  if (!isFinal(conclusion)) throw await failureOf(at, conclusion, kept);
  await journal.update({ committed: kept });
  const { session, usage, durationMs, sessionLost } = journal.state();
  const end = await endOf(conclusion, input, repository);
  const result: AttemptResult = {
    version: 1,
    end,
    session,
    ...kept,
    summary: summaryOf(conclusion),
    usage,
    durationMs,
    ...(sessionLost ? { sessionLost } : {}),
  };
  await journal.update({ result });
  return result;
}

async function keepWork({ deps, repository, input, journal }: RunningAttempt): Promise<CommittedWork> {
  const { committed } = journal.state();
  if (committed) return committed;
  if (!isReading(input.role)) return (await openWorkArea(repository, deps.log)).commitWork(input);
  const { key, id } = input.issue;
  try {
    await (await openWorkArea(repository, deps.log)).removeReviewWorktree(key);
  } catch (error) {
    deps.log.warn({ issue: id, error }, 'the worktree of a review is left for the janitor');
  }
  return { head: input.head, changed: false, ref: attemptRef(key, input.attempt) };
}

/** A cancelled attempt keeps its work where it can; where it cannot, the worktree still has it. */
async function keepWhatCanBe(at: RunningAttempt): Promise<void> {
  await keepWork(at).catch((error: unknown) => {
    at.deps.log.warn({ issue: at.input.issue.id, error }, 'the work of a cancelled attempt is left in its worktree');
  });
}

/** A conclusion that does not end the attempt. */
type NotFinal = Exclude<Conclusion, { kind: 'cancelled' }>;

async function failureOf({ journal }: RunningAttempt, conclusion: NotFinal, kept: CommittedWork): Promise<Error> {
  if (conclusion.kind === 'unavailable') return failure('AgentUnavailable', conclusion.reason);
  const crashes = journal.state().crashes + 1;
  await journal.update({ crashes });
  const { session, usage } = journal.state();
  const leftover: AttemptLeftover = { ...kept, session, usage };
  const facts = { details: leftover, nonRetryable: crashes >= MOST_CRASHES };
  if (conclusion.kind === 'stopped') {
    return failure('AgentStalled', 'the agent was silent for longer than its profile allows (limits.idle)', facts);
  }
  const reason = 'reason' in conclusion ? conclusion.reason : `the agent ended: ${conclusion.kind}`;
  return failure('AgentCrashed', reason, facts);
}

function worktreeOf({ repository: { layout }, input: { issue, role } }: RunningAttempt): string {
  return isReading(role) ? layout.reviewWorktree(issue.key) : layout.worktree(issue.key);
}
