import { issueKeys } from '../plan/key.ts';
import type { Session } from '../session/session.ts';
import type { BatchEntry } from './list.ts';
import { batchesThatPlan } from './planned.ts';
import { createBatchReader } from './view.ts';

/** An issue of an open batch that has not started yet. */
export interface UnstartedIssue {
  readonly entry: BatchEntry;
  readonly key: string;
  /** `queued`, or `waiting (dependency)`. */
  readonly stage: string;
  /** Why it has not started. */
  readonly why: string;
}

/** Finds the newest open batch in which an issue waits to be started; null: there is none. Needs no worker. */
export async function findUnstarted(
  session: Session,
  batches: readonly BatchEntry[],
  wanted: { readonly id: string; readonly batch: string | undefined },
): Promise<UnstartedIssue | null> {
  const keys = issueKeys(wanted.id);
  const open = batches.filter((each) => each.open && (wanted.batch ?? each.batch) === each.batch);
  for (const entry of await batchesThatPlan(session, open, wanted.id)) {
    const { issues } = await createBatchReader(session).read(entry.batch);
    const found = issues.find(({ key, runId, outcome }) => keys.includes(key) && runId === null && outcome === null);
    if (found) return { entry, key: found.key, stage: found.stage, why: found.reason };
  }
  return null;
}
