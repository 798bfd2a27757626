import type { PlanDocument } from '../../workflows/domain/plan/plan.ts';
import { batchHandle, batchInputOf } from '../../workflows/starts.ts';
import { issueKeys } from '../plan/key.ts';
import type { Session } from '../session/session.ts';
import { documentIfHere } from '../state/document.ts';
import { listBatches } from './list.ts';

/** How many batches we search: an issue that was never started belongs to a recent one. */
const MOST_BATCHES = 50;

/** Finds the newest batch whose plan has the issue, started or not; null: this state folder knows of none. */
export async function findPlanned(
  session: Session,
  wanted: { readonly id: string; readonly batch: string | undefined },
): Promise<string | null> {
  const keys = issueKeys(wanted.id);
  const batches = await listBatches(session.client);
  for (const { batch } of batches
    .filter((each) => (wanted.batch ?? each.batch) === each.batch)
    .slice(0, MOST_BATCHES)) {
    const { repo, plans } = batchInputOf(await batchHandle(session.client, batch).describe());
    for (const sha256 of plans) {
      const plan = await documentIfHere<PlanDocument>(session.stateRoot, { repo, sha256 });
      if (plan?.issues.some(({ key }) => keys.includes(key))) return batch;
    }
  }
  return null;
}
