import { skipOf, type Skip } from '../workflows/domain/selection.ts';
import type { IssueRules } from '../workflows/domain/settings.ts';
import { AT_ONCE } from './candidates.ts';
import { distrust } from './distrust.ts';
import type { Forge, ForgeIssue, IssueIdentity } from './forges/forge.ts';
import { textHashOf } from './forges/key.ts';
import { inParallel } from './in-parallel.ts';
import { isApproved } from './readiness.ts';
import type { Trust } from './trust.ts';

/** An issue with why it is not to be worked on, if it is not. */
export interface Judged {
  readonly issue: ForgeIssue;
  readonly skip: Skip | null;
}

/** What judging stands on. */
export interface Ground {
  readonly forge: Forge;
  readonly rules: IssueRules;
  readonly trust: Trust;
  /** Labels that select: who set one of them has handed the issue over. */
  readonly labels: readonly string[];
}

/** Judges in order, until there are as many to work on as were asked for. */
export async function judge(
  candidates: readonly ForgeIssue[],
  limit: number | null,
  ground: Ground,
): Promise<readonly Judged[]> {
  const judged: Judged[] = [];
  let wanted = limit ?? candidates.length;
  for (let at = 0; at < candidates.length && wanted > 0;) {
    const part = candidates.slice(at, at + Math.max(wanted, AT_ONCE));
    at += part.length;
    const skips = await inParallel(part, AT_ONCE, (issue) => skipFor(issue, ground));
    for (const [index, issue] of part.entries()) {
      if (wanted === 0) break;
      const skip = skips[index]!;
      judged.push({ issue, skip });
      if (skip === null) wanted -= 1;
    }
  }
  return judged;
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
