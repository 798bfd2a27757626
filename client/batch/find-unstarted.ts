import { batchQuery } from '../../workflows/messages.ts';
import { batchHandle } from '../../workflows/starts.ts';
import type { Session } from '../session/session.ts';
import { issueKeys } from '../plan/key.ts';
import type { BatchEntry } from './list.ts';
import { ask } from './update.ts';
import { createBatchReader } from './view.ts';

/** An issue of an open batch that has not started yet. */
export interface UnstartedIssue {
  readonly batch: string;
  readonly key: string;
  /** Why it has not started. */
  readonly why: string;
}

/**
 * Finds the newest of some open batches in which an issue waits to be started; null: there is none. `batchesThatPlan`
 * finds the batches worth looking at. Starts a worker only to ask a batch of another state folder.
 */
export async function findUnstarted(
  session: Session,
  batches: readonly BatchEntry[],
  id: string,
): Promise<UnstartedIssue | null> {
  const keys = issueKeys(id);
  for (const { batch } of batches) {
    const waiting = (await seenWaiting(session, batch)) ?? (await askedWaiting(session, batch));
    const found = waiting.find(({ key }) => keys.includes(key));
    if (found) return { batch, ...found };
  }
  return null;
}

type Waiting = readonly Pick<UnstartedIssue, 'key' | 'why'>[];

/** Null: another state folder has the plans of the batch. */
async function seenWaiting(session: Session, batch: string): Promise<Waiting | null> {
  try {
    const { issues } = await createBatchReader(session).read(batch);
    return issues.flatMap(({ key, runId, outcome, reason }) =>
      runId === null && outcome === null ? [{ key, why: reason }] : [],
    );
  } catch (error) {
    if (((error as Error).cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') return null;
    throw error;
  }
}

async function askedWaiting(session: Session, batch: string): Promise<Waiting> {
  await session.startWork();
  return (await ask(session.client, () => batchHandle(session.client, batch).query(batchQuery))).waiting;
}
