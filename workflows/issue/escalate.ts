import { noted } from '../domain/issue-transitions.ts';
import type { Role } from '../domain/settings.ts';
import type { IssueRun } from './run.ts';

/** Lets the next profile of a role's chain take over, and notes why; false: the chain has no further profile. */
export function escalate(run: IssueRun, role: Role, reason: string): boolean {
  const before = run.profiles.profileFor(role, Date.now());
  if (!run.profiles.escalate(role)) return false;
  const after = run.profiles.profileFor(role, Date.now());
  run.state = noted(run.state, `${role}: ${after} takes over from ${before}: ${reason}`);
  return true;
}
