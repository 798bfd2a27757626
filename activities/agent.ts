import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { Logger } from 'pino';
import {
  noUsage,
  type AttemptHeartbeat,
  type AttemptInput,
  type AttemptLeftover,
  type AttemptResult,
} from '../workflows/domain/attempt.ts';
import { isReading } from '../workflows/domain/settings.ts';
import { attemptRef } from '../workflows/ids.ts';
import { runAgent } from './attempt/session-run.ts';
import type { Conclusion } from './agents/agent.ts';
import { endOf, isFinal, summaryOf } from './attempt/result.ts';
import { endEarlierRuns } from './attempt/runs.ts';
import { failure } from './failure/failure.ts';
import { withHeartbeat, type Pulse } from './heartbeat.ts';
import { openJournal, type AttemptJournal } from './attempt/journal.ts';
import { openLedger, type Ledger } from './attempt/ledger.ts';
import { inOrder } from './host/in-order.ts';
import { checked } from './git/names.ts';
import type { Repositories, Repository } from './repository/repository.ts';
import type { Slots, Urgency } from './host/slots.ts';
import type { CommittedWork, Work, WorkArea } from './worktree/work-area.ts';

export interface AgentDeps {
  readonly repositories: Repositories;
  readonly worktrees: WorkArea;
  readonly slots: Slots;
  /** Id of this host, stable over restarts. */
  readonly host: string;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

/** One attempt in the hands of one activity. */
export interface Bench {
  readonly deps: AgentDeps;
  readonly repository: Repository;
  readonly input: AttemptInput;
  readonly work: Work;
  readonly journal: AttemptJournal;
  readonly pulse: Pulse;
  readonly ledger: Ledger;
}

/** Crashes and stalls of one attempt after which another start would be no better. */
const MOST_CRASHES = 3;

/** Longest time that a cancelled attempt takes to keep its work. */
const LAST_SAVE_MS = 8_000;

/** The step in which an agent works: on a retry it resumes what a killed worker began, and repeats nothing that ended. */
export function createAgentActivities(deps: AgentDeps) {
  const ledgers = new Map<string, Promise<Ledger>>();
  const ledgerOf = ({ layout }: Repository): Promise<Ledger> => {
    const ledger = ledgers.get(layout.ledger) ?? openLedger(layout.ledger);
    ledgers.set(layout.ledger, ledger);
    ledger.catch(() => ledgers.delete(layout.ledger)); // the next attempt may be able to read it
    return ledger;
  };
  return {
    runAgent: async (input: AttemptInput): Promise<AttemptResult> => {
      const before = Context.current().info.heartbeatDetails as AttemptHeartbeat | undefined;
      const known = before?.session === input.session.id ? before : null;
      const first: AttemptHeartbeat = {
        host: deps.host,
        session: input.session.id,
        phase: 'waiting-for-slot',
        lastLine: '',
        bytes: 0,
        usage: known?.usage ?? noUsage,
      };
      return withHeartbeat(first, async (pulse) => {
        const repository = await deps.repositories.open(input.issue);
        const key = checked('key', input.issue.key);
        const folder = repository.layout.attempt(key, input.attempt);
        const { branch, base, head, attempt } = input;
        const work = { repository, key, branch, base, head, attempt };
        // A run that a frozen worker still holds is told to stop when it wakes: the retry waits for its end.
        return inOrder(`attempt ${folder}`, async () => {
          const journal = await openJournal(folder, input);
          const ledger = await ledgerOf(repository);
          return attemptOf({ deps, repository, input, work, journal, pulse, ledger });
        });
      });
    },
  };
}

async function attemptOf(at: Bench): Promise<AttemptResult> {
  const { deps, input, journal, pulse } = at;
  const { result, conclusion } = journal.state();
  if (result) return result;
  if (conclusion) return save(at, conclusion);
  await endEarlierRuns(journal, { worktree: worktreeOf(at), told: pulse.now().usage });
  return deps.slots.hold(urgencyOf(input), pulse.signal, async () => save(at, await runAgent(at)));
}

/** First steps wait for those that have begun. */
function urgencyOf({ ask, session }: AttemptInput): Urgency {
  return ask.kind === 'implement' && !session.resumed ? 'first-step' : 'follow-up';
}

/** Keeps the work first, whatever the conclusion; then tells the workflow. */
async function save(at: Bench, conclusion: Conclusion): Promise<AttemptResult> {
  const { input, repository, journal, pulse } = at;
  pulse.send({ phase: 'saving' });
  if (conclusion.kind === 'cancelled') {
    await Promise.race([keepWork(at).catch(() => null), sleep(LAST_SAVE_MS, undefined, { ref: false })]);
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

async function keepWork({ deps, input, work, journal }: Bench): Promise<CommittedWork> {
  const { committed } = journal.state();
  if (committed) return committed;
  if (!isReading(input.role)) return deps.worktrees.commitWork(work);
  await deps.worktrees.removeReviewWorktree(work).catch((error: unknown) => {
    deps.log.warn({ issue: input.issue.id, error }, 'the worktree of a review is left for the janitor');
  });
  return { head: input.head, changed: false, ref: attemptRef(work.key, work.attempt) };
}

type NotFinal = Exclude<Conclusion, { kind: 'cancelled' }>;

async function failureOf({ journal }: Bench, conclusion: NotFinal, kept: CommittedWork): Promise<Error> {
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

function worktreeOf({ repository, input, work }: Bench): string {
  const { layout } = repository;
  return isReading(input.role) ? layout.reviewWorktree(work.key) : layout.worktree(work.key);
}
