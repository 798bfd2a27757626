import type { PlanDocument } from '../../workflows/domain/plan/plan.ts';
import { issueKeys } from '../plan/key.ts';
import type { Session } from '../session/session.ts';
import { readDocument } from '../state/document.ts';
import { rememberBatch } from './history.ts';
import type { BatchEntry } from './list.ts';

/**
 * Finds those among some batches whose plans have an issue of that id. Asks the server and the state folder alone; a
 * batch of another state folder is left out.
 */
export async function batchesThatPlan(
  session: Pick<Session, 'client' | 'stateRoot'>,
  batches: readonly BatchEntry[],
  id: string,
): Promise<readonly BatchEntry[]> {
  const keys = issueKeys(id);
  const found: BatchEntry[] = [];
  for (const entry of batches) {
    const { input } = await rememberBatch(session.client, entry.workflowId);
    const issues = await Promise.all(input.plans.map((plan) => issuesOf(session.stateRoot, input.repo, plan)));
    if (issues.some((some) => some?.some(({ key }) => keys.includes(key)))) {
      found.push(entry);
    }
  }
  return found;
}

/** Null: the batch was started with another state folder. */
async function issuesOf(stateRoot: string, repo: string, sha256: string): Promise<PlanDocument['issues'] | null> {
  try {
    return (await readDocument<PlanDocument>(stateRoot, { repo, sha256 })).issues;
  } catch (error) {
    if (error instanceof Error && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') return null;
    throw error;
  }
}
