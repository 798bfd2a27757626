import type { AttemptEnd } from '../domain/attempt.ts';
import { quotaWait } from '../domain/agent/quota.ts';
import { noted, worded } from '../domain/issue-transitions.ts';
import type { Role } from '../domain/settings.ts';
import type { Parked } from '../messages.ts';
import type { IssueRun } from './run.ts';
import { leaveSlot, takeSlot } from './slot.ts';

/** Lets nothing start on a profile until a time, in the whole batch. */
export async function park(run: IssueRun, parked: Parked): Promise<void> {
  run.profiles.park(parked.profile, parked.until);
  await run.slot.park(parked);
}

/** A person knows better: lets every profile be used again, also by the batch. */
export async function unpark(run: IssueRun): Promise<void> {
  for (const profile of run.profiles.unparkAll(Date.now())) await run.slot.unpark(profile);
}

/** Whose quota is used up, in which role, and what the agent said of it. */
export interface UsedUp {
  readonly role: Role;
  readonly profile: string;
  readonly end: Extract<AttemptEnd, { kind: 'limited' }>;
}

/**
 * Parks a profile whose quota is used up. Another one takes over where one can; else the issue waits, without a slot,
 * until the quota is back or a person says go.
 */
export async function waitForQuota(run: IssueRun, { role, profile, end }: UsedUp): Promise<void> {
  const { profiles, progress, slot, person } = run;
  const nth = profiles.limited(profile);
  const until = Date.now() + quotaWait({ resetsAt: end.resetsAt, nth, now: Date.now(), random: Math.random() });
  profiles.park(profile, until);

  const standIn = profiles.profileFor(role, Date.now());
  if (standIn !== profile && profiles.usableAt(role) <= Date.now()) {
    const words = `${role}: ${standIn} takes over from ${profile}, whose quota is used up until ${isoTime(until)}`;
    run.state = noted(run.state, words);
    await slot.park({ profile, until });
    return;
  }

  const { stage } = run.state;
  progress.park(quotaReason(profile, until, end.reason));
  await slot.park({ profile, until });
  await leaveSlot(run);
  const decision = await person.decides(Math.max(0, profiles.usableAt(role) - Date.now()));
  if (decision.kind === 'resume') {
    run.state = worded(run.state, decision.message);
    await unpark(run);
  }
  await takeSlot(run);
  progress.enter(stage);
}

function quotaReason(profile: string, until: number, words: string | undefined): string {
  const reason = `quota of profile ${profile} is used up until ${isoTime(until)}`;
  return words ? `${reason}: ${words}` : reason;
}

function isoTime(at: number): string {
  return new Date(at).toISOString();
}
