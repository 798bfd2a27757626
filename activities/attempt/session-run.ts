import { randomBytes } from 'node:crypto';
import writeFileAtomic from 'write-file-atomic';
import { addUsage } from '../../workflows/domain/attempt.ts';
import { dollarsLeft, spendingWarning, spentBudget, stoppedBudget } from '../../workflows/domain/batch/budget.ts';
import { isReading, type Profile, type Role } from '../../workflows/domain/settings.ts';
import type { Bench } from '../agent.ts';
import { runAgentOnce, type AgentRun } from './run.ts';
import type { AgentAdapter, Conclusion, LaunchSpec } from '../agents/agent.ts';
import { agents } from '../agents/index.ts';
import { contextOf, loadAssignment } from './assignment.ts';
import { noteEnd, noteStart } from './runs.ts';
import { failure } from '../failure/failure.ts';
import { endRun } from './orphans.ts';
import { promptOf } from './prompt.ts';
import { checked } from '../git/names.ts';
import { openSession, type AgentSession, type SessionStart } from './session.ts';
import { verdictSchema } from '../agents/reading/verdict-schema.ts';
import { openSpending, pricedBy, priceOf, type Spending } from './spending.ts';

/** Sessions that one attempt may lose: one that is lost at once again will not be found by a third start. */
const MOST_LOSSES = 1;

/** One attempt with everything that its runs share. */
interface Desk {
  readonly at: Bench;
  readonly profile: Profile;
  readonly adapter: AgentAdapter;
  readonly session: AgentSession;
  readonly spending: Spending;
  readonly cwd: string;
}

/** Runs the agent of an attempt in its session; where that is lost, once more in a fresh one with a recap. */
export async function runAgent(at: Bench): Promise<Conclusion> {
  const { repository, input, work, journal, pulse, deps } = at;
  const profile = repository.settings.profiles[input.profile];
  if (!profile)
    throw failure('AgentUnavailable', `there is no profile ${input.profile} in the settings of ${repository.key}`);
  const adapter = agents[profile.agent];
  const spending = openSpending({ input, profile, ledger: at.ledger, earlier: journal.state().usage });
  const spent = spentBudget(spending.allowances());
  if (spent) return { kind: 'stopped', limit: spent.what, budget: spent };
  pulse.set({ phase: 'preparing' });
  const { worktrees } = deps;
  const cwd = isReading(input.role)
    ? await worktrees.ensureReviewWorktree(work)
    : await worktrees.ensureWorktree(work, pulse.signal);
  pulse.signal.throwIfAborted();
  const { id } = input.session;
  const session = await openSession(repository.layout.session(checked('key', id)), id);
  const desk = { at, profile, adapter, session, spending, cwd };
  for (let losses = 0; ; losses++) {
    const wanted = input.session.resumed || journal.state().begun;
    const ended = await runOnce(desk, session.start(adapter.capabilities.session, wanted));
    if (ended.conclusion.kind !== 'session-lost') return withBudget(ended.conclusion, spending);
    const { reason } = ended.conclusion;
    if (losses === MOST_LOSSES) return { kind: 'crashed', cause: 'program', reason: `its session was lost: ${reason}` };
    deps.log.warn({ issue: input.issue.id, attempt: input.attempt, reason }, 'the session is lost: a fresh one begins');
    await Promise.all([session.lose(), journal.update({ sessionLost: reason })]);
  }
}

/** A tool that was told what is left stops itself, and knows nothing of whose budget it was. */
function withBudget(conclusion: Conclusion, spending: Spending): Conclusion {
  if (conclusion.kind !== 'stopped' || conclusion.limit !== 'cost' || conclusion.budget) return conclusion;
  const budget = stoppedBudget(spending.allowances());
  return budget === null ? conclusion : { ...conclusion, budget };
}

/** One run, written down before it begins and when it has ended. */
async function runOnce(desk: Desk, start: SessionStart): Promise<AgentRun> {
  const { at, profile, adapter, session, spending, cwd } = desk;
  const { deps, input, journal, pulse, repository } = at;
  await endWriter(session);
  const launch = await prepareLaunch(desk, start);
  const spent = journal.state().usage;
  pulse.send({ phase: 'running' });
  const ended = await runAgentOnce({
    adapter,
    launch,
    cwd,
    files: journal.files,
    spending,
    priced: pricedBy(priceOf(repository.settings, profile)),
    since: (total) => session.since(total),
    signal: pulse.signal,
    onStart: async (id) => {
      const writer = { process: id, folder: cwd };
      await Promise.all([noteStart(journal, { id, folder: cwd }), session.update({ begun: true, writer })]);
    },
    onProgress: ({ usage, ...progress }) => {
      pulse.set({ ...progress, ...(usage ? { usage: addUsage(spent, usage) } : {}) });
      if (progress.session !== undefined) keepOwnId(desk, progress.session);
    },
  });
  await Promise.all([noteEnd(journal, ended), session.credit(ended.usage), spending.keep()]);
  const { issue, role, attempt } = input;
  deps.log.info({ issue: issue.id, attempt, role, end: ended.end, conclusion: ended.conclusion.kind }, 'agent ended');
  if (ended.survivors.length > 0)
    deps.log.warn({ issue: issue.id, pids: ended.survivors }, 'processes cannot be ended');
  return ended;
}

/** The agent's own id is on disk as soon as it is known: a kill after it finds the session again. */
function keepOwnId({ at, session }: Desk, own: string): void {
  if (session.state().own === own) return;
  session.update({ own }).catch((error: unknown) => {
    at.deps.log.warn({ issue: at.input.issue.id, error }, 'the id of the session could not be kept');
  });
}

async function prepareLaunch({ at, profile, adapter, spending }: Desk, start: SessionStart): Promise<LaunchSpec> {
  const { repository, input, journal } = at;
  if (start.lost !== null) await journal.update({ sessionLost: start.lost });
  const assignment = await loadAssignment(repository, input, {
    session: promptFor(at, start),
    spending: spendingWarning(spending.allowances()),
    answer: answerOf(adapter, input.role),
  });
  const schema = assignment.answer === 'schema' ? verdictSchema : null;
  const prompt = promptOf(assignment, randomBytes(6).toString('hex'));
  const { files } = journal;
  const options = { mode: 0o600, fsync: false }; // a run that a power cut ends writes them again
  await Promise.all([
    writeFileAtomic(files.prompt, prompt, options),
    writeFileAtomic(files.context, JSON.stringify(contextOf(assignment), null, 2), options),
    ...(schema === null ? [] : [writeFileAtomic(files.schema, schema, options)]),
    journal.update({ begun: true }),
  ]);
  const { issue, role, round, attempt } = input;
  return {
    profile,
    role,
    issue: issue.id,
    batch: issue.batch,
    round,
    attempt,
    session: start.launch,
    prompt,
    files: { ...files, schema: schema === null ? null : files.schema },
    schema,
    costUsd: dollarsLeft(spending.allowances()),
  };
}

/** An agent that begins where another one has worked has to look first. */
function promptFor({ input }: Bench, start: SessionStart): SessionStart['prompt'] {
  if (start.prompt !== 'fresh' || isReading(input.role)) return start.prompt;
  return input.head === input.base.start ? 'fresh' : 'recap';
}

function answerOf({ kind, capabilities }: AgentAdapter, role: Role): 'lines' | 'message' | 'schema' {
  if (kind === 'command') return 'lines';
  return capabilities.schema && role === 'review' ? 'schema' : 'message';
}

/** Never two writers in one session: what is left of an earlier one is ended first. @throws WorktreeBroken */
async function endWriter(session: AgentSession): Promise<void> {
  const { writer } = session.state();
  if (writer === null) return;
  const survivors = await endRun(writer);
  if (survivors.length === 0) return;
  const words = `processes ${survivors.join(', ')} of an earlier run hold the session and cannot be ended`;
  throw failure('WorktreeBroken', `${words}: look at them with ps`);
}
