import { patched } from '@temporalio/workflow';
import { noUsage, type Ask, type AttemptLeftover, type AttemptResult } from '../domain/attempt.ts';
import { workOf } from '../domain/issue-state.ts';
import { attemptBegun, attemptEnded, noted, spent, worded } from '../domain/issue-transitions.ts';
import type { Role } from '../domain/settings.ts';
import type { Step } from '../domain/step.ts';
import { knownFailure } from '../failures.ts';
import { onHost } from './host.ts';
import type { IssueRun } from './run.ts';
import type { PresetSession } from './sessions.ts';

/** Who is invoked, with what, and in which session. */
export interface Invocation {
  readonly ask: Ask;
  readonly profile: string;
  readonly session: PresetSession;
}

/** What came of one invocation. */
export type Invoked =
  | { readonly kind: 'ended'; readonly result: AttemptResult }
  /** It crashed or stalled for good, without work that could be kept. */
  | { readonly kind: 'crashed'; readonly reason: string }
  /** Not installed, not logged in, not paid. */
  | { readonly kind: 'unavailable'; readonly reason: string }
  /** Something failed that another invocation would not mend. */
  | { readonly kind: 'stopped'; readonly step: Step };

/** Invokes an agent exactly once: one attempt, which Temporal's retries resume as often as its worker dies. */
export async function invoke(run: IssueRun, role: Role, invocation: Invocation): Promise<Invoked> {
  const { ask, profile, session } = invocation;
  const message = role === 'review' ? null : run.state.words;
  run.state = attemptBegun(run.state, role);
  const { attempts, counters, budgets, usage } = run.state;
  const { branch, base, head } = workOf(run.state);
  try {
    const result = await onHost(run, (host) =>
      host.runAgent({
        version: 1,
        issue: run.input.issue,
        role,
        profile,
        attempt: attempts,
        round: role === 'review' ? counters.rounds + 1 : counters.rounds,
        session: { id: session.id, resumed: session.used },
        base,
        branch,
        head,
        ask,
        message,
        budgets,
        spent: usage,
      }),
    );
    run.state = attemptEnded(run.state, role, result);
    session.used = true;
    if (result.sessionLost) {
      const words = `the session was lost (${result.sessionLost}): a fresh one began with a recap`;
      run.state = noted(run.state, `attempt ${attempts}: ${words}`);
    }
    // An agent whose quota was used up has not worked: the attempt after the wait gets the person's words.
    if (result.end.kind === 'limited') run.state = worded(run.state, message);
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
        if (!patched('unavailable-agents-wait')) return stopped(failure.message);
        run.state = worded(run.state, message);
        return { kind: 'unavailable', reason: failure.message };
      default:
        return stopped(failure.message);
    }
  }
}

function stopped(reason: string): Invoked {
  return { kind: 'stopped', step: { kind: 'end', outcome: 'failed', reason } };
}

interface Crash {
  readonly reason: string;
  readonly leftover: AttemptLeftover | undefined;
  readonly session: PresetSession;
  /** The person's words that the crashed attempt had got. */
  readonly message: string | null;
}

/** The work counts, not the claim: what a crashed implementer committed is checked and reviewed like any other work. */
function salvage(run: IssueRun, role: Role, { leftover, reason, session, message }: Crash): Invoked {
  if (!leftover?.changed || role === 'review') {
    run.state = worded(spent(run.state, leftover?.usage ?? noUsage), message);
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
  run.state = attemptEnded(run.state, role, result);
  return { kind: 'ended', result };
}
