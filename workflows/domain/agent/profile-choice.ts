import type { Policy, Role } from '../settings.ts';

/**
 * Which profile plays which role in one issue: by the chains of the policy, escalation along them, and stand-ins for
 * parked profiles.
 */
export interface ProfileChoice {
  /** The profile for a role now: a stand-in while the first choice is parked; if all are, the one that is free first. */
  profileFor(role: Role, now: number): string;
  /** After a failed attempt or round the next profile of the role's chain takes over; false: there is none. */
  escalate(role: Role): boolean;
  /** The account behind a profile cannot be used until then (epoch ms). */
  park(profile: string, until: number): void;
  /** A person knows better: every profile may be used. Returns those that could not be. */
  unparkAll(now: number): readonly string[];
  /** When the role has a profile again, epoch ms; in the past: it has one. */
  usableAt(role: Role): number;
  /** Notes that a profile's quota was used up. Returns how many times in a row, this one included. */
  limited(profile: string): number;
  /** Notes that an attempt of a profile ended otherwise. */
  worked(profile: string): void;
}

/** Builds the choice for one issue; `parked`: what its batch knew when it started the issue. */
export function createProfileChoice(policy: Policy, parked: Readonly<Record<string, number>> = {}): ProfileChoice {
  // Roles with the same chain escalate together: a fix by the implementer's chain goes on where the implementer stands.
  const levels = new Map<string, number>();
  const until = new Map(Object.entries(parked));
  const limits = new Map<string, number>();

  const chain = (role: Role) => policy.roles[role];
  const nameOf = (role: Role) => chain(role).join('\n');
  const first = (role: Role) => chain(role)[Math.min(levels.get(nameOf(role)) ?? 0, chain(role).length - 1)]!;
  const isParked = (profile: string, now: number) => (until.get(profile) ?? 0) > now;

  return {
    profileFor(role, now) {
      const names = standIns(policy, first(role));
      const soonest = names.reduce((a, b) => ((until.get(b) ?? 0) < (until.get(a) ?? 0) ? b : a));
      return names.find((profile) => !isParked(profile, now)) ?? soonest;
    },
    escalate(role) {
      const level = levels.get(nameOf(role)) ?? 0;
      if (level + 1 >= chain(role).length) return false;
      levels.set(nameOf(role), level + 1);
      return true;
    },
    park: (profile, time) => void until.set(profile, time),
    unparkAll(now) {
      const names = [...until.keys()].filter((profile) => isParked(profile, now));
      until.clear();
      return names;
    },
    usableAt(role) {
      return Math.min(...standIns(policy, first(role)).map((profile) => until.get(profile) ?? 0));
    },
    limited(profile) {
      const times = (limits.get(profile) ?? 0) + 1;
      limits.set(profile, times);
      return times;
    },
    worked: (profile) => void limits.delete(profile),
  };
}

/** A profile, and those that take over for it, in order. */
export function standIns({ fallbacks = {} }: Pick<Policy, 'fallbacks'>, profile: string): readonly string[] {
  const names = [profile];
  for (let next = fallbacks[profile]; next !== undefined && !names.includes(next); next = fallbacks[next])
    names.push(next);
  return names;
}
