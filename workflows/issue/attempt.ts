import { patched } from '@temporalio/workflow';
import {
  addUsage,
  type Ask,
  type AttemptEnd,
  type AttemptLeftover,
  type AttemptResult,
  type Base,
  noUsage,
} from '../domain/attempt.ts';
import { budgetReason } from '../domain/batch/budget.ts';
import type { Role } from '../domain/settings.ts';
import type { Step } from '../domain/step.ts';
import { knownFailure } from '../failures.ts';
import type { IssueRun } from './run.ts';
import type { Session, Sessions } from './sessions.ts';

/** An attempt that came to an end of its own; limits and crashes were dealt with on the way. */
export type Attempted =
  | {
      readonly kind: 'ended';
      readonly result: AttemptResult;
      readonly end: Extract<AttemptEnd, { kind: 'worked' | 'reviewed' | 'unreadable' }>;
    }
  /** The issue has to go another way first. */
  | { readonly kind: 'diverted'; readonly step: Step };

/** What an agent is asked, and where it goes on. */
export interface Work {
  readonly ask: Ask;
  readonly sessions: Sessions;
}

/** How long a profile whose agent is not logged in is left alone; a person's word ends it. */
const UNAVAILABLE_MS = 24 * 3_600_000;

/**
 * Invokes an agent until it ends by itself: goes on over context limits and used-up quotas, and from profile to profile,
 * within the policy.
 */
export async function attempt(run: IssueRun, role: Role, work: Work): Promise<Attempted> {
  let { ask } = work;
  for (;;) {
    const profile = run.cast.play(role, Date.now());
    const invoked = await invoke(run, role, { ask, profile, session: work.sessions.of(profile) });
    const next = await after(run, invoked, { role, profile, ask, sessions: work.sessions });
    if (next.kind !== 'again') return next;
    ask = next.ask;
  }
}

/** What was invoked, for the decision what follows. */
interface Turn extends Work {
  readonly role: Role;
  readonly profile: string;
}

type Next = Attempted | { readonly kind: 'again'; readonly ask: Ask };

async function after(run: IssueRun, invoked: Invoked, turn: Turn): Promise<Next> {
  const { role, profile, ask } = turn;
  switch (invoked.kind) {
    case 'ended':
      return afterResult(run, invoked.result, turn);
    case 'stopped':
      return { kind: 'diverted', step: invoked.step };
    case 'crashed':
      if (run.escalate(role, invoked.reason)) return { kind: 'again', ask };
      return {
        kind: 'diverted',
        step: { kind: 'end', outcome: role === 'review' ? 'review-failed' : 'failed', reason: invoked.reason },
      };
    case 'unavailable':
      await run.park({ profile, until: Date.now() + UNAVAILABLE_MS, why: invoked.reason });
      if (run.cast.playableAt(role) > Date.now()) return divert(role, { reason: invoked.reason, ask });
      run.note(`profile ${profile}: ${invoked.reason}`);
      return { kind: 'again', ask };
  }
}

async function afterResult(run: IssueRun, result: AttemptResult, turn: Turn): Promise<Next> {
  const { role, profile, ask } = turn;
  const { end } = result;
  if (end.kind !== 'limited') run.cast.worked(profile);
  if (end.kind !== 'exhausted') turn.sessions.of(profile).full = false;
  switch (end.kind) {
    case 'worked':
    case 'reviewed':
    case 'unreadable':
      return { kind: 'ended', result, end };
    case 'exhausted':
      return afterExhaustion(run, end.what, turn);
    case 'limited':
      await run.waitForQuota(role, profile, end);
      return { kind: 'again', ask };
    case 'refused':
      return divert(role, { reason: `the agent was refused a permission: ${end.reason}`, ask });
    case 'budget-spent': {
      if (end.renewsAt !== undefined) await run.park({ profile, until: end.renewsAt, why: end.reason ?? '' });
      const { batch } = run.input.issue;
      return divert(role, {
        reason: end.reason ? budgetReason(end.reason, batch) : `${end.what} of the profile used up`,
        ask,
      });
    }
  }
}

/** The same session goes on; where its context is full again at once, a fresh one does, with a recap. */
function afterExhaustion(run: IssueRun, what: string, { role, profile, ask, sessions }: Turn): Next {
  const { counters } = run.state;
  if (counters.continuations >= run.input.policy.continuations) {
    return divert(role, { reason: `${what} used up ${counters.continuations + 1} times`, ask });
  }
  run.state.counters = { ...counters, continuations: counters.continuations + 1 };
  const session = sessions.of(profile);
  if (session.full && what === 'context') sessions.renew(profile);
  session.full = what === 'context';
  // A review's question names what is reviewed; going on without it would review nothing.
  return { kind: 'again', ask: role === 'review' ? ask : { kind: 'continue' } };
}

interface Invocation {
  readonly ask: Ask;
  readonly profile: string;
  readonly session: Session;
}

type Invoked =
  | { readonly kind: 'ended'; readonly result: AttemptResult }
  /** It crashed or stalled for good, without work that could be kept. */
  | { readonly kind: 'crashed'; readonly reason: string }
  /** Not installed, not logged in, not paid. */
  | { readonly kind: 'unavailable'; readonly reason: string }
  | { readonly kind: 'stopped'; readonly step: Step };

/** Exactly one attempt: one invocation of an agent, resumed by Temporal's retries as often as its worker dies. */
async function invoke(run: IssueRun, role: Role, { ask, profile, session }: Invocation): Promise<Invoked> {
  const { state, input } = run;
  const number = ++state.attempts;
  const message = run.takeMessage(role);
  try {
    const result = await run.onHost((host) =>
      host.runAgent({
        version: 1,
        issue: input.issue,
        role,
        profile,
        attempt: number,
        round: role === 'review' ? state.counters.rounds + 1 : state.counters.rounds,
        session: { id: session.id, resumed: session.used },
        base: state.base as Base,
        branch: state.branch as string,
        head: state.head as string,
        ask,
        message,
        budgets: run.budgets,
        spent: state.usage,
      }),
    );
    keep(run, role, result);
    session.used = true;
    if (result.sessionLost)
      run.note(`attempt ${number}: the session was lost (${result.sessionLost}): a fresh one began with a recap`);
    // An account that was used up has not worked on it: the words are for the attempt after the wait.
    if (result.end.kind === 'limited') run.say(message);
    return { kind: 'ended', result };
  } catch (error) {
    const failure = knownFailure(error);
    if (failure === null) throw error;
    switch (failure.type) {
      case 'AgentCrashed':
      case 'AgentStalled':
        return salvage(run, role, {
          reason: failure.message,
          leftover: failure.details as AttemptLeftover | undefined,
          session,
          message,
        });
      case 'AgentUnavailable':
        if (!patched('unavailable-agents-wait')) return { kind: 'stopped', step: failed(failure.message) };
        run.say(message);
        return { kind: 'unavailable', reason: failure.message };
      default:
        return { kind: 'stopped', step: failed(failure.message) };
    }
  }
}

interface Crash {
  readonly reason: string;
  readonly leftover: AttemptLeftover | undefined;
  readonly session: Session;
  /** Words of a person that the crashed attempt had got. */
  readonly message: string | null;
}

/** What counts is the work, not the claim: a crashed implementer's commits are checked and reviewed like any others. */
function salvage(run: IssueRun, role: Role, { leftover, reason, session, message }: Crash): Invoked {
  if (!leftover?.changed || role === 'review') {
    run.state.usage = addUsage(run.state.usage, leftover?.usage ?? noUsage);
    run.say(message);
    return { kind: 'crashed', reason };
  }
  session.used = true;
  const result: AttemptResult = {
    version: 1,
    end: { kind: 'worked', claim: 'none' },
    session: leftover.session,
    head: leftover.head,
    changed: true,
    ref: leftover.ref,
    summary: reason.slice(0, 500),
    usage: leftover.usage,
    durationMs: 0,
  };
  keep(run, role, result);
  return { kind: 'ended', result };
}

function keep(run: IssueRun, role: Role, result: AttemptResult): void {
  const { state } = run;
  state.usage = addUsage(state.usage, result.usage);
  if (role === 'review') return;
  state.head = result.head;
  state.ref = result.ref;
}

function failed(reason: string): Step {
  return { kind: 'end', outcome: 'failed', reason };
}

/** Hands the issue to a person; with their word the same role goes on in the same session. */
function divert(role: Role, stop: { reason: string; ask: Ask }): Extract<Next, { kind: 'diverted' }> {
  const resume: Step =
    role === 'review'
      ? { kind: 'review' }
      : role === 'implement'
        ? { kind: 'implement', ask: { kind: 'continue' } }
        : { kind: 'fix', ask: stop.ask };
  return { kind: 'diverted', step: { kind: 'person', reason: `${role}: ${stop.reason}`, resume } };
}
