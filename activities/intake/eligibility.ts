import pMap from 'p-map';
import { createIssueLimit } from '../../workflows/domain/plan/limit.ts';
import { skipOf, type Skip } from '../../workflows/domain/plan/selection.ts';
import type { IssueRules } from '../../workflows/domain/settings.ts';
import type { Blockers } from './blockers.ts';
import { AT_ONCE } from './candidates.ts';
import type { Forge } from '../forges/forge.ts';
import type { ForgeIssue } from '../forges/issue.ts';
import type { IssueIdentity } from '../forges/identity.ts';
import { textHashOf } from '../forges/key.ts';
import { isApproved } from '../delivery/readiness.ts';
import { distrust, type Trust } from './trust.ts';

/** An issue with its blockers, and the reason why it must not be worked on, if there is one. */
export interface Assessed {
  readonly issue: ForgeIssue;
  readonly skip: Skip | null;
  /** Numbers of blockers in the selection, or in the batch that it is added to. */
  readonly blockers: readonly number[];
}

/** What issues are assessed by. */
export interface Assessment {
  readonly forge: Forge;
  readonly rules: IssueRules;
  readonly trust: Trust;
  /** Labels that select: whoever set one of them has handed the issue over. */
  readonly labels: readonly string[];
  readonly blockers: (issue: ForgeIssue) => Promise<Blockers>;
  /** Numbers of issues in the batch that the selection is added to. */
  readonly beside: readonly number[];
}

/** Assesses issues in order, until as many can start as were asked for; one that waits for another does not count before it. */
export async function assess(
  candidates: readonly ForgeIssue[],
  limit: number | null,
  facts: Assessment,
): Promise<readonly Assessed[]> {
  const choice = createIssueLimit(limit, facts.beside);
  const assessed: Assessed[] = [];
  for (let at = 0; at < candidates.length && choice.left() > 0;) {
    const part = candidates.slice(at, at + Math.max(choice.left(), AT_ONCE));
    at += part.length;
    for (const each of await pMap(part, (issue) => assessOne(issue, facts), { concurrency: AT_ONCE })) {
      if (choice.left() === 0) break;
      assessed.push(each);
      choice.offer({ number: each.issue.number, skip: each.skip, blockers: each.blockers });
    }
  }
  return assessed.map((each) => {
    const reason = choice.reasonFor(each.issue.number);
    return reason === null ? each : { ...each, skip: { reason, satisfies: false } };
  });
}

async function assessOne(issue: ForgeIssue, facts: Assessment): Promise<Assessed> {
  const skip = await skipFor(issue, facts);
  if (skip !== null) return { issue, skip, blockers: [] };
  const { inside, outside } = await facts.blockers(issue);
  const held = outside === null ? null : { reason: outside, satisfies: false };
  return { issue, skip: held, blockers: inside };
}

async function skipFor(issue: ForgeIssue, facts: Assessment): Promise<Skip | null> {
  const { forge, rules } = facts;
  const isClosed = issue.state === 'closed';
  // Its labels are known without a request.
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
  return skip ?? distrust(issue, facts);
}

/** An issue of a forge under the names that all later steps ask for it by: its number is its id and its key. */
export function numbered(issue: ForgeIssue): IssueIdentity & { readonly number: number } {
  const id = String(issue.number);
  return { id, key: id, textHash: textHashOf(issue), number: issue.number };
}
