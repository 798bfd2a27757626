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

/** Time between two looks at the progress: a forge accepts an issue every few seconds. */
const LOOK_MS = 2_000;

/** Who is told how far a filing is. */
export interface FollowFiling {
  readonly progress: Progress;
  /** Stops following; the filing itself goes on. */
  readonly signal: AbortSignal;
}

/** Files a plan's issues and waits for the end; null: stopped by the signal. Filing the same plan again joins the same run. */
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
  ended.catch(() => {}); // it is awaited below, or nobody needs it any more
  let told = 0;
  while (!signal.aborted) {
    const end = await Promise.race([ended, sleep(LOOK_MS, null, { signal }).catch(() => null)]);
    if (end !== null) return end;
    // A failed question is no reason to stop: only the end counts.
    const now = await handle.query(filingQuery).catch(() => null);
    if (now !== null && now.done > told) progress(`${(told = now.done)} of ${now.of} are on the forge`);
  }
  return null;
}

/** The result; if a person ended the run in the Web UI, the reason is what they wrote there. */
async function endOf(handle: FilingHandle): Promise<Filing> {
  try {
    return await handle.result();
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const why = error.cause?.message ?? error.message;
    return { version: 1, issues: [], missing: [], stopped: { key: null, why } };
  }
}
