import { batchQuery } from '../../workflows/messages.ts';
import { batchHandle } from '../../workflows/starts.ts';
import type { Session } from '../session/session.ts';
import { issueKeys } from '../plan/key.ts';
import type { BatchEntry } from './list.ts';
import { ask } from './update.ts';

/** An issue of an open batch that was not started yet. */
export interface UnstartedIssue {
  readonly batch: string;
  readonly key: string;
  /** Why not. */
  readonly why: string;
}

/**
 * The newest of some open batches in which an issue waits for its start; null: there is none. Only a worker can tell,
 * so that one is started where none runs; `batchesThatPlan` finds the batches that are worth it.
 */
export async function findUnstarted(
  session: Session,
  batches: readonly BatchEntry[],
  id: string,
): Promise<UnstartedIssue | null> {
  const keys = issueKeys(id);
  for (const { batch } of batches) {
    await session.startWork();
    const handle = batchHandle(session.client, batch);
    const { waiting } = await ask(session.client, () => handle.query(batchQuery));
    const found = waiting.find(({ key }) => keys.includes(key));
    if (found) return { batch, ...found };
  }
  return null;
}
