import { uuid4 } from '@temporalio/workflow';
import {
  addUsage,
  type Ask,
  type AttemptEnd,
  type AttemptLeftover,
  type AttemptResult,
  type Base,
  noUsage,
} from './domain/attempt.ts';
import type { Role } from './domain/settings.ts';
import type { Step } from './domain/step.ts';
import { knownFailure } from './failures.ts';
import type { IssueRun } from './issue-run.ts';

/** An attempt that came to an end of its own; limits and crashes were dealt with on the way. */
export type Attempted =
  | {
      readonly kind: 'ended';
      readonly result: AttemptResult;
      readonly end: Extract<AttemptEnd, { kind: 'worked' | 'reviewed' | 'unreadable' }>;
    }
  /** The issue has to go another way first. */
  | { readonly kind: 'diverted'; readonly step: Step };

/** A session of an agent, known before its process exists. */
export interface Session {
  id: string;
  used: boolean;
}

/** A fresh session. */
export function newSession(): Session {
  return { id: uuid4(), used: false };
}

/** Invokes an agent until it ends by itself: goes on over context limits and used-up quotas, within the policy. */
export async function attempt(run: IssueRun, role: Role, work: { ask: Ask; session: Session }): Promise<Attempted> {
  let ask = work.ask;
  let limited = 0;
  for (;;) {
    const result = await invoke(run, role, { ask, session: work.session });
    if (result.kind === 'diverted') return result;
    const { end } = result.result;
    switch (end.kind) {
      case 'worked':
      case 'reviewed':
      case 'unreadable':
        return { kind: 'ended', result: result.result, end };
      case 'exhausted': {
        const { counters } = run.state;
        if (counters.continuations >= run.input.policy.continuations) {
          return divert(run, role, { reason: `${end.what} used up ${counters.continuations + 1} times`, ask });
        }
        run.state.counters = { ...counters, continuations: counters.continuations + 1 };
        ask = { kind: 'continue' };
        limited = 0;
        break;
      }
      case 'limited':
        await run.waitForQuota(profileFor(run, role), end.resetsAt, ++limited);
        break;
      case 'budget-spent':
        return divert(run, role, { reason: `${end.what} of the profile used up`, ask });
    }
  }
}

type Invoked = { readonly kind: 'ended'; readonly result: AttemptResult } | Extract<Attempted, { kind: 'diverted' }>;

/** Exactly one attempt: one invocation of an agent, resumed by Temporal's retries as often as its worker dies. */
async function invoke(run: IssueRun, role: Role, work: { ask: Ask; session: Session }): Promise<Invoked> {
  const { state, input } = run;
  const profile = profileFor(run, role);
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
        session: { id: work.session.id, resumed: work.session.used },
        base: state.base as Base,
        branch: state.branch as string,
        head: state.head as string,
        ask: work.ask,
        message,
      }),
    );
    keep(run, role, result);
    resumeLater(work.session, result.session);
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
          session: work.session,
        });
      default:
        return ended('failed', failure.message);
    }
  }
}

interface Crash {
  readonly reason: string;
  readonly leftover: AttemptLeftover | undefined;
  readonly session: Session;
}

/** What counts is the work, not the claim: a crashed implementer's commits are checked and reviewed like any others. */
function salvage(run: IssueRun, role: Role, crash: Crash): Invoked {
  const { leftover } = crash;
  if (!leftover?.changed || role === 'review') {
    run.state.usage = addUsage(run.state.usage, leftover?.usage ?? noUsage);
    return ended(role === 'review' ? 'review-failed' : 'failed', crash.reason);
  }
  resumeLater(crash.session, leftover.session);
  const result: AttemptResult = {
    version: 1,
    end: { kind: 'worked', claim: 'none' },
    session: leftover.session,
    head: leftover.head,
    changed: true,
    ref: leftover.ref,
    summary: crash.reason.slice(0, 500),
    usage: leftover.usage,
    durationMs: 0,
  };
  keep(run, role, result);
  return { kind: 'ended', result };
}

/** The next attempt of this session goes on in it, under the name that the agent gave it. */
function resumeLater(session: Session, id: string): void {
  session.id = id;
  session.used = true;
}

function keep(run: IssueRun, role: Role, result: AttemptResult): void {
  const { state } = run;
  state.usage = addUsage(state.usage, result.usage);
  if (role === 'review') return;
  state.head = result.head;
  state.ref = result.ref;
}

function ended(outcome: 'failed' | 'review-failed', reason: string): Extract<Attempted, { kind: 'diverted' }> {
  return { kind: 'diverted', step: { kind: 'end', outcome, reason } };
}

/** Hands the issue to a person; with their word the same role goes on in the same session. */
function divert(run: IssueRun, role: Role, stop: { reason: string; ask: Ask }): Attempted {
  const resume: Step =
    role === 'review'
      ? { kind: 'review' }
      : role === 'implement'
        ? { kind: 'implement', ask: { kind: 'continue' } }
        : { kind: 'fix', ask: stop.ask };
  return { kind: 'diverted', step: { kind: 'person', reason: `${role}: ${stop.reason}`, resume } };
}

/** The profile that plays a role now; later ones of the chain take over after failed rounds. */
function profileFor(run: IssueRun, role: Role): string {
  return run.input.policy.roles[role][0] as string;
}
