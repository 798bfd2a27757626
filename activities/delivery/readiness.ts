import type { PrepareInput } from '../../workflows/domain/attempt.ts';
import type { IssueDocument } from '../../workflows/domain/issue.ts';
import { reviewContext } from '../../workflows/domain/review.ts';
import { branchName } from '../../workflows/ids.ts';
import { identityOf } from './lookup.ts';
import type { Forge } from '../forges/forge.ts';

/** Whether there is anything to do for an issue, as just read from the forge. */
export type Readiness =
  | {
      readonly kind: 'skip';
      readonly reason: string;
      readonly pullRequest: number | null;
      /** Approved work that has not landed, for dependents to start on. */
      readonly sha: string | null;
      readonly satisfies: boolean;
    }
  /** `pullRequest`: the open one that a rerun adopts, with its branch. */
  | { readonly kind: 'go'; readonly title: string; readonly branch: string; readonly pullRequest: number | null };

/** Decides whether an issue is to be worked on, and on which branch. */
export async function readinessOf(
  forge: Forge,
  issue: IssueDocument,
  input: Pick<PrepareInput, 'rerun' | 'resume'>,
): Promise<Readiness> {
  const { closedBecause, pulls, textHash } = await forge.readIssue(identityOf(issue));
  const open = pulls.find((pull) => pull.state === 'open' && pull.issueKey !== null);
  const foreign = pulls.find((pull) => pull.state !== 'closed' && pull.issueKey === null);
  const { title, pin } = issue;
  if (input.resume) {
    const { branch } = input.resume;
    return { kind: 'go', title, branch, pullRequest: open?.branch === branch ? open.number : null };
  }
  if (closedBecause !== null) {
    const pullRequest = pulls.find((pull) => pull.state === 'merged')?.number ?? null;
    return { kind: 'skip', reason: `closed already: ${closedBecause}`, pullRequest, sha: null, satisfies: true };
  }
  if (pin && textHash !== null && textHash !== pin.textHash) {
    const mend = `hand it over again: millrace start-batch ${issue.id}`;
    const reason = `its text was edited after it was approved at ${pin.readAt}: look at it, then ${mend}`;
    return { kind: 'skip', reason, pullRequest: null, sha: null, satisfies: false };
  }
  if (foreign) {
    const reason = `pull request #${foreign.number} for it is ${foreign.state}, and not ours`;
    const satisfies = foreign.state === 'merged';
    return { kind: 'skip', reason, pullRequest: foreign.number, sha: null, satisfies };
  }
  if (open && input.rerun) return { kind: 'go', title, branch: open.branch, pullRequest: open.number };
  if (open) {
    const approved = await isApproved(forge, open.head);
    const reason = `pull request #${open.number} is open${approved ? ' and approved already' : ', not approved yet'}`;
    return { kind: 'skip', reason, pullRequest: open.number, sha: approved ? open.head : null, satisfies: approved };
  }
  return { kind: 'go', title, branch: await freeBranch(forge, issue), pullRequest: null };
}

/** Whether exactly this sha carries our approval. */
export async function isApproved(forge: Forge, sha: string): Promise<boolean> {
  const statuses = await forge.statuses(sha);
  return statuses.some((status) => status.context === reviewContext && status.state === 'success');
}

/** The first generation of the branch name that no earlier work uses: no pull request in any state, and no bare branch. */
async function freeBranch(forge: Forge, issue: IssueDocument): Promise<string> {
  const pulls = await forge.pulls({ issueKey: issue.key });
  const pushed = await forge.branches(branchName(issue.key, issue.title));
  const taken = new Set([...pulls.map((pull) => pull.branch), ...pushed]);
  let generation = 1;
  while (taken.has(branchName(issue.key, issue.title, generation))) generation += 1;
  return branchName(issue.key, issue.title, generation);
}
