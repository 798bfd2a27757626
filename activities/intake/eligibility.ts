import pMap from 'p-map';
import { createChoice } from '../../workflows/domain/plan/limit.ts';
import { skipOf, type Skip } from '../../workflows/domain/plan/selection.ts';
import type { IssueRules } from '../../workflows/domain/settings.ts';
import type { Blockers } from './blockers.ts';
import { AT_ONCE } from './candidates.ts';
import { distrust } from './distrust.ts';
import type { Forge } from '../forges/forge.ts';
import type { ForgeIssue } from '../forges/issue.ts';
import type { IssueIdentity } from '../forges/identity.ts';
import { textHashOf } from '../forges/key.ts';
import { isApproved } from '../delivery/readiness.ts';
import type { Trust } from './trust.ts';

/** An issue with what blocks it, and why it is not to be worked on, if it is not. */
export interface Judged {
  readonly issue: ForgeIssue;
  readonly skip: Skip | null;
  /** Numbers of issues of the selection, or of the batch that it is added to. */
  readonly blockers: readonly number[];
}

/** What judging stands on. */
export interface Ground {
  readonly forge: Forge;
  readonly rules: IssueRules;
  readonly trust: Trust;
  /** Labels that select: who set one of them has handed the issue over. */
  readonly labels: readonly string[];
  readonly blockers: (issue: ForgeIssue) => Promise<Blockers>;
  /** Numbers of the batch that the issues are added to. */
  readonly beside: readonly number[];
}

/** Judges in order, until as many have their place as were asked for; those that wait for others get none before them. */
export async function judge(
  candidates: readonly ForgeIssue[],
  limit: number | null,
  ground: Ground,
): Promise<readonly Judged[]> {
  const choice = createChoice(limit, ground.beside);
  const judged: Judged[] = [];
  for (let at = 0; at < candidates.length && choice.left() > 0;) {
    const part = candidates.slice(at, at + Math.max(choice.left(), AT_ONCE));
    at += part.length;
    for (const each of await pMap(part, (issue) => judgeOne(issue, ground), { concurrency: AT_ONCE })) {
      if (choice.left() === 0) break;
      judged.push(each);
      choice.offer({ number: each.issue.number, skip: each.skip, blockers: each.blockers });
    }
  }
  return judged.map((each) => {
    const reason = choice.reasonFor(each.issue.number);
    return reason === null ? each : { ...each, skip: { reason, satisfies: false } };
  });
}

async function judgeOne(issue: ForgeIssue, ground: Ground): Promise<Judged> {
  const skip = await skipFor(issue, ground);
  if (skip !== null) return { issue, skip, blockers: [] };
  const { inside, outside } = await ground.blockers(issue);
  const held = outside === null ? null : { reason: outside, satisfies: false };
  return { issue, skip: held, blockers: inside };
}

async function skipFor(issue: ForgeIssue, ground: Ground): Promise<Skip | null> {
  const { forge, rules } = ground;
  const isClosed = issue.state === 'closed';
  // What its labels say needs no request.
  const early = skipOf({ isClosed: false, labels: issue.labels, pulls: [] }, rules);
  if (early && !isClosed) return early;
  const live = await forge.readIssue(numbered(issue));
  const pulls = await Promise.all(
    live.pulls.map(async ({ number, state, head, issueKey }) => {
      const isOurs = issueKey !== null;
      return { number, state, approved: isOurs && state === 'open' && (await isApproved(forge, head)) };
    }),
  );
  const skip = skipOf({ isClosed: isClosed || live.state === 'closed', labels: issue.labels, pulls }, rules);
  return skip ?? distrust(issue, ground);
}

/** An issue of a forge as it is asked for by everything that comes later: its number is its id and its key. */
export function numbered(issue: ForgeIssue): IssueIdentity & { readonly number: number } {
  const id = String(issue.number);
  return { id, key: id, textHash: textHashOf(issue), number: issue.number };
}
