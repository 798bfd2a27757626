import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError } from '@temporalio/client';
import type { Filing } from '../../workflows/domain/plan/filing.ts';
import type { PlanDocument } from '../../workflows/domain/plan/plan.ts';
import type { Settings } from '../../workflows/domain/settings.ts';
import { filingQuery } from '../../workflows/messages.ts';
import { startFiling, type FilingHandle } from '../../workflows/starts.ts';
import { register } from '../state/register.ts';
import type { Session } from '../session/session.ts';
import type { Progress } from '../state/folders.ts';

/** Time between two looks at how far it is: a forge takes an issue every few seconds. */
const LOOK_MS = 2_000;

export interface FollowFiling {
  readonly progress: Progress;
  /** Ends the following; the filing goes on. */
  readonly signal: AbortSignal;
}

/** Files a plan's issues and waits for the end; null: stopped by the signal. The same plan again is the same run. */
export async function fileIssues(
  session: Session,
  documents: { readonly settings: Settings; readonly plan: PlanDocument },
  follow: FollowFiling,
): Promise<Filing | null> {
  const { settings, plan } = documents;
  const registered = await register({ stateRoot: session.stateRoot, settings, plan });
  const shown = { forge: settings.forge, summary: `${plan.issues.length} tasks to issues` };
  const handle = await startFiling(session.client, { version: 1, ...registered }, shown);
  return followed(handle, follow);
}

async function followed(handle: FilingHandle, { progress, signal }: FollowFiling): Promise<Filing | null> {
  const ended = endOf(handle);
  ended.catch(() => {}); // it is awaited below, or nobody waits for it any more
  let told = 0;
  while (!signal.aborted) {
    const end = await Promise.race([ended, sleep(LOOK_MS, null, { signal }).catch(() => null)]);
    if (end !== null) return end;
    // Not to be asked is no reason to stop: the end is what counts.
    const now = await handle.query(filingQuery).catch(() => null);
    if (now !== null && now.done > told) progress(`${(told = now.done)} of ${now.of} are on the forge`);
  }
  return null;
}

/** The result; where a person ended it in the Web UI, that is why it stopped. */
async function endOf(handle: FilingHandle): Promise<Filing> {
  try {
    return await handle.result();
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const why = error.cause?.message ?? error.message;
    return { version: 1, issues: [], missing: [], stopped: { key: null, why } };
  }
}
