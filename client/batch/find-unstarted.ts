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

/** The newest open batch in which an issue waits for its start; null: there is none. Needs a worker. */
export async function findUnstarted(
  session: Session,
  batches: readonly BatchEntry[],
  wanted: { readonly id: string; readonly batch: string | undefined },
): Promise<UnstartedIssue | null> {
  const keys = issueKeys(wanted.id);
  for (const { batch } of batches.filter((each) => each.open && (wanted.batch ?? each.batch) === each.batch)) {
    const handle = batchHandle(session.client, batch);
    const { waiting } = await ask(session.client, () => handle.query(batchQuery));
    const found = waiting.find(({ key }) => keys.includes(key));
    if (found) return { batch, ...found };
  }
  return null;
}
