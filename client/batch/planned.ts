import type { PlanDocument } from '../../workflows/domain/plan/plan.ts';
import type { Session } from '../session/session.ts';
import { readDocument } from '../state/document.ts';
import { rememberBatch } from './history.ts';
import type { BatchEntry } from './list.ts';

/** Those among some batches whose plans have an issue of that id, or may have it. Asks the server and the state folder alone. */
export async function batchesThatPlan(
  session: Pick<Session, 'client' | 'stateRoot'>,
  batches: readonly BatchEntry[],
  id: string,
): Promise<readonly BatchEntry[]> {
  const found: BatchEntry[] = [];
  for (const entry of batches) {
    const { input } = await rememberBatch(session.client, entry.workflowId);
    const issues = await Promise.all(input.plans.map((plan) => issuesOf(session.stateRoot, input.repo, plan)));
    if (issues.some((some) => some === null || some.some((issue) => issue.id === id || issue.key === id))) {
      found.push(entry);
    }
  }
  return found;
}

/** Null: the batch was started with another state folder, so that only the batch itself can tell. */
async function issuesOf(stateRoot: string, repo: string, sha256: string): Promise<PlanDocument['issues'] | null> {
  try {
    return (await readDocument<PlanDocument>(stateRoot, { repo, sha256 })).issues;
  } catch (error) {
    if (error instanceof Error && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') return null;
    throw error;
  }
}
