import { spentBudget, stoppedBudget } from '../../workflows/domain/batch/budget.ts';
import { isReading } from '../../workflows/domain/settings.ts';
import type { Conclusion } from '../agents/agent.ts';
import { agents } from '../agents/index.ts';
import { failure } from '../failure/failure.ts';
import { checked } from '../git/names.ts';
import { endRun } from '../process/leftovers.ts';
import { mustBeGone } from '../worktree/vacate.ts';
import { openWorkArea } from '../worktree/work-area.ts';
import { prepareLaunch } from './launch.ts';
import { runOnce } from './run.ts';
import type { RunningAttempt, SessionRun } from './running-attempt.ts';
import { noteEnd, type AgentRun } from './runs.ts';
import { openSession, type KeptSession, type SessionStart } from './session.ts';
import { openSpending, type Spending } from './spending.ts';

/** Sessions that one attempt may lose: where a fresh one is lost too, a third start would not help. */
const MOST_LOSSES = 1;

/** Runs an attempt's agent in its session. Where the session is lost, the agent runs once more in a fresh one, with a recap. */
export async function runInSession(at: RunningAttempt): Promise<Conclusion> {
  const { repository, input, journal, deps } = at;
  const profile = repository.settings.profiles[input.profile];
  if (!profile) {
    const mend = 'add it to millrace.yaml, then start the batch again';
    throw failure('AgentUnavailable', `the settings of ${repository.key} have no profile ${input.profile}: ${mend}`);
  }
  const adapter = agents[profile.agent];
  const spending = openSpending({ input, profile, ledger: at.ledger, earlier: journal.state().usage });
  const spent = spentBudget(spending.allowances());
  if (spent) return { kind: 'stopped', limit: spent.what, budget: spent };
  const cwd = await makeWorktree(at);
  const { id } = input.session;
  const session = await openSession(repository.layout.session(checked('key', id)), id);
  const run: SessionRun = { ...at, profile, adapter, session, spending, cwd };
  for (let losses = 0; ; losses++) {
    const wanted = input.session.resumed || journal.state().begun;
    const { conclusion } = await runAndNote(run, session.start(adapter.capabilities.session, wanted));
    if (conclusion.kind !== 'session-lost') return withBudget(conclusion, spending);
    const { reason } = conclusion;
    if (losses === MOST_LOSSES) return { kind: 'crashed', cause: 'program', reason: `its session was lost: ${reason}` };
    deps.log.warn({ issue: input.issue.id, attempt: input.attempt, reason }, 'the session is lost: a fresh one begins');
    await Promise.all([session.lose(), journal.update({ sessionLost: reason })]);
  }
}

/** The folder that the agent works in. */
async function makeWorktree({ repository, input, pulse, deps }: RunningAttempt): Promise<string> {
  pulse.set({ phase: 'preparing' });
  const area = await openWorkArea(repository, deps.log);
  const path = isReading(input.role)
    ? await area.ensureReviewWorktree(input)
    : await area.ensureWorktree(input, pulse.signal);
  pulse.signal.throwIfAborted();
  return path;
}

/** A tool that was told how much money is left stops itself, but does not know whose budget that was. */
function withBudget(conclusion: Conclusion, spending: Spending): Conclusion {
  if (conclusion.kind !== 'stopped' || conclusion.limit !== 'cost' || conclusion.budget) return conclusion;
  const budget = stoppedBudget(spending.allowances());
  return budget === null ? conclusion : { ...conclusion, budget };
}

/** One run, noted before it begins and after it has ended. */
async function runAndNote(run: SessionRun, start: SessionStart): Promise<AgentRun> {
  const { deps, input, journal, session, spending } = run;
  await endWriter(session);
  const ended = await runOnce(run, await prepareLaunch(run, start));
  await Promise.all([noteEnd(journal, ended), session.credit(ended.usage), spending.keep()]);
  const { issue, role, attempt } = input;
  deps.log.info({ issue: issue.id, attempt, role, end: ended.end, conclusion: ended.conclusion.kind }, 'agent ended');
  if (ended.survivors.length > 0)
    deps.log.warn({ issue: issue.id, pids: ended.survivors }, 'processes cannot be ended');
  return ended;
}

/** Ends what is left of an earlier run, so that two never write to one session. @throws WorktreeBroken where it cannot. */
async function endWriter(session: KeptSession): Promise<void> {
  const { writer } = session.state();
  if (writer === null) return;
  mustBeGone(await endRun(writer), writer.folder);
}
