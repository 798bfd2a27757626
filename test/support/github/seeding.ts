import type { AccountRecord, IssueRecord } from './state.ts';
import { addIssue, addLabels, close } from './tracking.ts';
import { accountOf, type World } from './world.ts';

/** An issue as a test wants it; whoever is left out is the first account that may write. */
export interface IssueSeed {
  readonly title?: string;
  readonly body?: string;
  readonly author?: string;
  readonly labels?: readonly string[];
  readonly labelledBy?: string;
  readonly assignees?: readonly string[];
  /** Title; made where there is none. */
  readonly milestone?: string;
  readonly comments?: readonly { readonly author: string; readonly body: string }[];
  readonly blockedBy?: readonly number[];
  readonly state?: 'open' | 'closed';
}

/** Files an issue without a request. */
export function seedIssue(world: World, seed: IssueSeed): number {
  const who = (login: string | undefined): AccountRecord => accountOf(world, login ?? maintainer(world).login);
  const title = seed.title ?? `Issue ${world.state.issues.size + 1}`;
  const issue = addIssue(world, { title, body: seed.body ?? '', author: who(seed.author), pull: null });
  addLabels(world, issue, { actor: who(seed.labelledBy), names: seed.labels ?? [] });
  issue.assignees = (seed.assignees ?? []).map((each) => accountOf(world, each));
  issue.milestone = seed.milestone === undefined ? null : milestoneOf(world, seed.milestone);
  issue.blockedBy = [...(seed.blockedBy ?? [])];
  for (const { author, body } of seed.comments ?? []) addComment(world, issue, { author: who(author), body });
  if (seed.state === 'closed') close(world, issue, { actor: who(seed.author) });
  return issue.number;
}

export function addComment(
  world: World,
  issue: IssueRecord,
  { author, body }: { readonly author: AccountRecord; readonly body: string },
): void {
  const at = world.now();
  issue.comments.push({ id: world.nextId(), author, body, createdAt: at, updatedAt: at });
}

function maintainer(world: World): AccountRecord {
  return world.accounts.find((each) => each.permission === 'admin') ?? (world.accounts[0] as AccountRecord);
}

function milestoneOf(world: World, title: string): number {
  const known = world.state.milestones.find((each) => each.title === title);
  if (known !== undefined) return known.number;
  const number = world.state.milestones.length + 1;
  world.state.milestones.push({ id: world.nextId(), number, title });
  return number;
}
