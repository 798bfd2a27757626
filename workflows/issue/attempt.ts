import type { Ask, AttemptEnd, AttemptResult } from '../domain/attempt.ts';
import { budgetReason } from '../domain/batch/budget.ts';
import { shellWord } from '../domain/host/shell.ts';
import { counted, noted } from '../domain/issue-transitions.ts';
import type { Role } from '../domain/settings.ts';
import type { Step } from '../domain/step.ts';
import { escalate } from './escalate.ts';
import { invoke, type Invoked } from './invoke.ts';
import { park, waitForQuota } from './quota.ts';
import type { IssueRun } from './run.ts';
import type { PresetSessions } from './sessions.ts';

/** An attempt that ended by itself; limits and crashes were dealt with on the way. */
export type Attempted =
  | {
      readonly kind: 'ended';
      readonly result: AttemptResult;
      readonly end: Extract<AttemptEnd, { kind: 'worked' | 'reviewed' | 'unreadable' }>;
    }
  /** The issue has to go another way first. */
  | { readonly kind: 'diverted'; readonly step: Step };

/** What an agent is asked, and in which sessions it goes on. */
export interface AttemptAsk {
  readonly ask: Ask;
  readonly sessions: PresetSessions;
}

/** How long a profile is left alone whose agent is not logged in; a person's word ends it. */
const UNAVAILABLE_MS = 24 * 3_600_000;

/**
 * Invokes an agent until it ends by itself. Within the policy it goes on over context limits and used-up quotas, and
 * from profile to profile.
 */
export async function attempt(run: IssueRun, role: Role, { ask: first, sessions }: AttemptAsk): Promise<Attempted> {
  let ask = first;
  for (;;) {
    const profile = run.profiles.profileFor(role, Date.now());
    const invoked = await invoke(run, role, { ask, profile, session: sessions.of(profile) });
    const next = await afterInvoked(run, invoked, { role, profile, ask, sessions });
    if (next.kind !== 'again') return next;
    ask = next.ask;
  }
}

/** What was invoked, and as what. */
interface Turn extends AttemptAsk {
  readonly role: Role;
  readonly profile: string;
}

type Next = Attempted | { readonly kind: 'again'; readonly ask: Ask };

async function afterInvoked(run: IssueRun, invoked: Invoked, turn: Turn): Promise<Next> {
  const { role, profile, ask } = turn;
  switch (invoked.kind) {
    case 'ended':
      return afterResult(run, invoked.result, turn);
    case 'stopped':
      return { kind: 'diverted', step: invoked.step };
    case 'crashed':
      if (escalate(run, role, invoked.reason)) return { kind: 'again', ask };
      return {
        kind: 'diverted',
        step: { kind: 'end', outcome: role === 'review' ? 'review-failed' : 'failed', reason: invoked.reason },
      };
    case 'unavailable':
      await park(run, { profile, until: Date.now() + UNAVAILABLE_MS, why: invoked.reason });
      if (run.profiles.usableAt(role) > Date.now()) {
        // Nothing is left to say to the agent: what kept it from starting has to go, and then the issue goes on.
        return toPerson(turn, `${invoked.reason}; type: millrace resume ${shellWord(run.input.issue.id)}`);
      }
      run.state = noted(run.state, `profile ${profile}: ${invoked.reason}`);
      return { kind: 'again', ask };
  }
}

async function afterResult(run: IssueRun, result: AttemptResult, turn: Turn): Promise<Next> {
  const { role, profile, ask } = turn;
  const { end } = result;
  if (end.kind !== 'limited') run.profiles.worked(profile);
  if (end.kind !== 'exhausted') turn.sessions.of(profile).full = false;
  switch (end.kind) {
    case 'worked':
    case 'reviewed':
    case 'unreadable':
      return { kind: 'ended', result, end };
    case 'exhausted':
      return afterExhaustion(run, end.what, turn);
    case 'limited':
      await waitForQuota(run, { role, profile, end });
      return { kind: 'again', ask };
    case 'refused':
      return toPerson(turn, `the agent was refused a permission: ${end.reason}`);
    case 'budget-spent':
      if (end.renewsAt !== undefined) await park(run, { profile, until: end.renewsAt, why: end.reason ?? '' });
      return toPerson(
        turn,
        end.reason ? budgetReason(end.reason, run.input.issue.batch) : `${end.what} of the profile used up`,
      );
  }
}

/** The same session goes on; if its context is full again at once, a new session begins with a recap. */
function afterExhaustion(run: IssueRun, what: string, turn: Turn): Next {
  const { role, profile, ask, sessions } = turn;
  const { continuations } = run.state.counters;
  if (continuations >= run.input.policy.continuations) {
    return toPerson(turn, `${what} used up ${continuations + 1} times`);
  }
  run.state = counted(run.state, { continuations: continuations + 1 });
  const session = sessions.of(profile);
  if (session.full && what === 'context') sessions.renew(profile);
  session.full = what === 'context';
  // A review's question names what is reviewed; going on without it would review nothing.
  return { kind: 'again', ask: role === 'review' ? ask : { kind: 'continue' } };
}

/** Hands the issue to a person; when they resume it, the same role goes on in the same session. */
function toPerson({ role, ask }: Turn, reason: string): Next {
  return { kind: 'diverted', step: { kind: 'person', reason: `${role}: ${reason}`, resume: resumeOf(role, ask) } };
}

function resumeOf(role: Role, ask: Ask): Step {
  if (role === 'review') return { kind: 'review' };
  return role === 'implement' ? { kind: 'implement', ask: { kind: 'continue' } } : { kind: 'fix', ask };
}
