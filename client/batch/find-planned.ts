import type { Client } from '@temporalio/client';
import type { BatchInput } from '../../workflows/domain/batch/batch.ts';
import type { PlanDocument } from '../../workflows/domain/plan/plan.ts';
import { batchHandle, batchInputOf } from '../../workflows/starts.ts';
import { issueKeys } from '../plan/key.ts';
import type { Session } from '../session/session.ts';
import { documentIfHere } from '../state/document.ts';
import { rememberBatch } from './history.ts';
import { listBatches, type BatchEntry } from './list.ts';

/** How many batches we search: an issue that was never started belongs to a recent one. */
const MOST_BATCHES = 50;

/** Finds the newest batch whose plan has the issue, started or not; null: this state folder knows of none. */
export async function findPlanned(
  session: Pick<Session, 'client' | 'stateRoot'>,
  wanted: { readonly id: string; readonly batch: string | undefined },
): Promise<string | null> {
  const keys = issueKeys(wanted.id);
  const batches = await listBatches(session.client);
  const meant = batches.filter(({ batch }) => (wanted.batch ?? batch) === batch).slice(0, MOST_BATCHES);
  for (const entry of meant) {
    const { repo, plans } = await inputOf(session.client, entry);
    for (const sha256 of plans) {
      const plan = await documentIfHere<PlanDocument>(session.stateRoot, { repo, sha256 });
      if (plan?.issues.some(({ key }) => keys.includes(key))) return entry.batch;
    }
  }
  return null;
}

/** Plans that were added while a batch runs are in its history alone; once it is over, its result names them all. */
async function inputOf(
  client: Client,
  { batch, workflowId, open }: BatchEntry,
): Promise<Pick<BatchInput, 'repo' | 'plans'>> {
  if (open) return (await rememberBatch(client, workflowId)).input;
  const handle = batchHandle(client, batch);
  const description = await handle.describe();
  const input = batchInputOf(description);
  return description.status.name === 'COMPLETED' ? { ...input, plans: (await handle.result()).plans } : input;
}
