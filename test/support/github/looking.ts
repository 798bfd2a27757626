import { isPull, pullsOf, type PullIssue } from './pull.ts';
import type { IssueRecord } from './state.ts';
import type { World } from './world.ts';

/** A pull request as a test looks at it. */
export interface PullFacts {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly author: string;
  readonly state: 'open' | 'closed' | 'merged';
  readonly branch: string;
  readonly head: string;
  readonly base: string;
  readonly isDraft: boolean;
  readonly labels: readonly string[];
  readonly mergeSha: string | null;
  /** It is to be merged when its rules are met. */
  readonly isScheduled: boolean;
}

/** All pull requests, oldest first. */
export function lookAtPulls(world: World): readonly PullFacts[] {
  return pullsOf(world).map(({ number, title, body, author, state, labels, pull }) => ({
    number,
    title,
    body,
    author: author.login,
    state: pull.merged === null ? state : 'merged',
    branch: pull.branch,
    head: pull.head,
    base: pull.base,
    isDraft: pull.isDraft,
    labels,
    mergeSha: pull.merged?.sha ?? null,
    isScheduled: pull.autoMerge !== null,
  }));
}

/** @throws Error for a number that nothing has: tests name what they made. */
export function lookAtIssue(world: World, number: number): IssueRecord {
  const found = world.state.issues.get(number);
  if (found === undefined) throw new Error(`the fake has no #${number}`);
  return found;
}

export function lookAtPull(world: World, number: number): PullIssue {
  const found = lookAtIssue(world, number);
  if (!isPull(found)) throw new Error(`#${number} is no pull request`);
  return found;
}
