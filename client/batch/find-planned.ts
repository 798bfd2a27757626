import type { PlanDocument } from '../../workflows/domain/plan/plan.ts';
import { batchHandle, batchInputOf } from '../../workflows/starts.ts';
import { issueKeys } from '../plan/key.ts';
import type { Session } from '../session/session.ts';
import { documentIfHere } from '../state/document.ts';
import { listBatches } from './list.ts';

/** Batches whose plans are looked through: an issue that was never started is of a recent one. */
const MOST_BATCHES = 50;

/** The newest batch whose plan has an issue, started or not; null: none that this state folder knows. */
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
