import type { PlanDocument } from '../../workflows/domain/plan/plan.ts';
import { batchHandle } from '../../workflows/starts.ts';
import { issueKeys } from '../plan/key.ts';
import type { Session } from '../session/session.ts';
import { documentIfHere } from '../state/document.ts';
import { rememberBatch } from './history.ts';
import { listBatches, type BatchEntry } from './list.ts';

/** How many batches we search: an issue that was never started belongs to a recent one. */
const MOST_BATCHES = 50;

/** Finds the newest batch whose plan has the issue, started or not; null: this state folder knows of none. */
export async function findPlanned(
  session: Session,
  wanted: { readonly id: string; readonly batch: string | undefined },
): Promise<string | null> {
  const keys = issueKeys(wanted.id);
  const batches = await listBatches(session.client);
  for (const entry of batches.filter((each) => (wanted.batch ?? each.batch) === each.batch).slice(0, MOST_BATCHES)) {
    for (const sha256 of await plansOf(session, entry)) {
      const plan = await documentIfHere<PlanDocument>(session.stateRoot, { repo: entry.repo, sha256 });
      if (plan?.issues.some(({ key }) => keys.includes(key))) return entry.batch;
    }
  }
  return null;
}

/** Also the plans that were added while the batch ran; its input names only those that it began with. */
async function plansOf({ client }: Session, { batch, workflowId }: BatchEntry): Promise<readonly string[]> {
  const handle = batchHandle(client, batch);
  const { status } = await handle.describe();
  if (status.name === 'COMPLETED') return (await handle.result()).plans;
  return (await rememberBatch(client, workflowId)).input.plans;
}
