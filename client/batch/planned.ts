import type { PlanDocument } from '../../workflows/domain/plan/plan.ts';
import { issueKeys } from '../plan/key.ts';
import type { Session } from '../session/session.ts';
import { documentIfHere } from '../state/document.ts';
import type { FoundIssue } from '../issue/find.ts';
import { rememberBatch } from './history.ts';
import type { BatchEntry } from './list.ts';

/** An issue that a person means and that has no open run. */
export interface WantedIssue {
  readonly id: string;
  /** Only this batch. */
  readonly batch: string | undefined;
  /** Its newest run, which is over; null: it was never started. */
  readonly issue: FoundIssue | null;
}

/**
 * Those among some batches that may still start an issue: open ones that have it in their plans, or whose plans lie in
 * another state folder. Asks the server and the state folder alone: no worker is needed.
 */
export async function batchesThatPlan(
  session: Pick<Session, 'client' | 'stateRoot'>,
  batches: readonly BatchEntry[],
  { id, batch, issue }: WantedIssue,
): Promise<readonly BatchEntry[]> {
  const keys = issueKeys(id);
  const found: BatchEntry[] = [];
  for (const entry of batches.filter((each) => each.open && (batch ?? each.batch) === each.batch)) {
    if (entry.batch === issue?.batch) continue; // it has run there
    const { input } = await rememberBatch(session.client, entry.workflowId);
    const plans = await Promise.all(
      input.plans.map((sha256) => documentIfHere<PlanDocument>(session.stateRoot, { repo: input.repo, sha256 })),
    );
    const has = (plan: PlanDocument | null) => plan === null || plan.issues.some(({ key }) => keys.includes(key));
    if (plans.some(has)) found.push(entry);
  }
  return found;
}
