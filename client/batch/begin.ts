import { randomBytes } from 'node:crypto';
import type { BatchInput } from '../../workflows/domain/batch/batch.ts';
import type { PlanDocument } from '../../workflows/domain/plan/plan.ts';
import { policyOf, type Settings } from '../../workflows/domain/settings.ts';
import { startBatch } from '../../workflows/starts.ts';
import { register } from '../state/register.ts';
import type { Session } from '../session/session.ts';
import { pageOf } from './web-ui.ts';

/** A batch that has just been started. */
export interface Begun {
  readonly id: string;
  /** Its page in the Web UI; null where we know no UI. */
  readonly page: string | null;
}

/** Registers settings and plan, and starts their batch. */
export async function beginBatch(
  session: Session,
  documents: { readonly settings: Settings; readonly plan: PlanDocument },
): Promise<Begun> {
  const { settings, plan } = documents;
  const registered = await register({ stateRoot: session.stateRoot, settings, plan });
  const batch = newBatchId(new Date());
  const input: BatchInput = {
    version: 1,
    batch,
    repo: registered.repo,
    settings: registered.settings,
    plans: [registered.plan],
    forge: settings.forge,
    width: settings.batch.width,
    policy: policyOf(settings),
    carried: null,
  };
  const { workflowId, firstExecutionRunId: runId } = await startBatch(
    session.client,
    input,
    `${plan.issues.length} issues, width ${settings.batch.width}`,
  );
  return { id: batch, page: pageOf(session, { workflowId, runId }) };
}

/** An id that sorts by time, is easy to type, and differs from another one of the same second. */
function newBatchId(now: Date): string {
  const digits = now.toISOString().replace(/\D/g, '');
  return `${digits.slice(2, 8)}-${digits.slice(8, 14)}-${randomBytes(2).toString('hex')}`;
}
