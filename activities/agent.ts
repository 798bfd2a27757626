import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { Logger } from 'pino';
import writeFileAtomic from 'write-file-atomic';
import {
  addUsage,
  noUsage,
  type AttemptHeartbeat,
  type AttemptInput,
  type AttemptLeftover,
  type AttemptResult,
} from '../workflows/domain/attempt.ts';
import type { Profile, Role } from '../workflows/domain/settings.ts';
import { attemptRef } from '../workflows/ids.ts';
import { runAgentOnce } from './agent-run.ts';
import type { AgentAdapter, Conclusion } from './agents/agent.ts';
import { findAgent, knownAgents } from './agents/index.ts';
import { contextOf, loadAssignment } from './assignment.ts';
import { endOf, isFinal, summaryOf } from './attempt-end.ts';
import { endEarlierRuns, noteEnd, noteStart } from './attempt-runs.ts';
import { failure } from './failure.ts';
import { withHeartbeat, type Pulse } from './heartbeat.ts';
import { openJournal, type AttemptJournal } from './journal.ts';
import { promptOf } from './prompt.ts';
import { inOrder } from './queue.ts';
import { checked } from './ref.ts';
import type { Repositories, Repository } from './repository.ts';
import type { Slots, Urgency } from './slots.ts';
import type { CommittedWork, Work, WorkArea } from './work-area.ts';

export interface AgentDeps {
  readonly repositories: Repositories;
  readonly worktrees: WorkArea;
  readonly slots: Slots;
  /** Id of this host, stable over restarts. */
  readonly host: string;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

/** One attempt in the hands of one activity. */
interface Bench {
  readonly deps: AgentDeps;
  readonly repository: Repository;
  readonly input: AttemptInput;
  readonly work: Work;
  readonly journal: AttemptJournal;
  readonly pulse: Pulse;
}

/** Crashes and stalls of one attempt after which another start would be no better. */
const MOST_CRASHES = 3;

/** Longest time that a cancelled attempt takes to keep its work. */
const LAST_SAVE_MS = 8_000;

/** The step in which an agent works: on a retry it resumes what a killed worker began, and repeats nothing that ended. */
export function createAgentActivities(deps: AgentDeps) {
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
          return attemptOf({ deps, repository, input, work, journal, pulse });
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
  return deps.slots.hold(urgencyOf(input), pulse.signal, async () => save(at, await run(at)));
}

/** First steps wait for those that have begun. */
function urgencyOf({ ask, session }: AttemptInput): Urgency {
  return ask.kind === 'implement' && !session.resumed ? 'first-step' : 'follow-up';
}

async function run(at: Bench): Promise<Conclusion> {
  const { deps, repository, input, work, journal, pulse } = at;
  const profile = repository.settings.profiles[input.profile];
  if (!profile)
    throw failure('AgentUnavailable', `there is no profile ${input.profile} in the settings of ${repository.key}`);
  const adapter = adapterOf(profile);
  pulse.set({ phase: 'preparing' });
  const { worktrees } = deps;
  const cwd = isReading(input.role)
    ? await worktrees.ensureReviewWorktree(work, pulse.signal)
    : await worktrees.ensureWorktree(work, pulse.signal);
  pulse.signal.throwIfAborted();
  const resumed = input.session.resumed || journal.state().begun;
  const assignment = await loadAssignment(repository, input, resumed);
  const prompt = promptOf(assignment, randomBytes(6).toString('hex'));
  const { files } = journal;
  const options = { mode: 0o600, fsync: false }; // a run that a power cut ends writes them again
  await Promise.all([
    writeFileAtomic(files.prompt, prompt, options),
    writeFileAtomic(files.context, JSON.stringify(contextOf(assignment), null, 2), options),
    journal.update({ begun: true }),
  ]);
  const { issue, role, round, attempt } = input;
  const session = { id: input.session.id, resume: resumed ? input.session.id : null, file: '' };
  const launch = {
    profile,
    role,
    issue: issue.id,
    batch: issue.batch,
    round,
    attempt,
    session,
    prompt,
    files: { ...files, schema: null },
    schema: null,
    costUsd: null,
  };
  const spent = journal.state().usage;
  pulse.send({ phase: 'running' });
  const ended = await runAgentOnce({
    adapter,
    launch,
    cwd,
    files,
    spent,
    signal: pulse.signal,
    onStart: (id) => noteStart(journal, { id, folder: cwd }),
    onProgress: ({ usage, ...progress }) =>
      pulse.set({ ...progress, ...(usage ? { usage: addUsage(spent, usage) } : {}) }),
  });
  await noteEnd(journal, ended);
  deps.log.info({ issue: issue.id, attempt, role, end: ended.end, conclusion: ended.conclusion.kind }, 'agent ended');
  if (ended.survivors.length > 0)
    deps.log.warn({ issue: issue.id, pids: ended.survivors }, 'processes cannot be ended');
  return ended.conclusion;
}

function adapterOf(profile: Profile): AgentAdapter {
  const adapter = findAgent(profile.agent);
  if (adapter) return adapter;
  const known = knownAgents().join(', ');
  const words = `profile ${profile.name} wants the agent ${profile.agent}, which this version cannot run yet; it runs: ${known}`;
  throw failure('AgentUnavailable', words);
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
  const { session, usage, durationMs } = journal.state();
  const end = await endOf(conclusion, input, repository.artifacts);
  const result = { version: 1, end, session, ...kept, summary: summaryOf(conclusion), usage, durationMs } as const;
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

/** Roles that only look: they work in a copy that is thrown away. */
function isReading(role: Role): boolean {
  return role === 'review' || role === 'triage';
}
