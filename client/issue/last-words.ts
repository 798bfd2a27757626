import type { WorkflowExecutionDescription } from '@temporalio/client';
import type { PayloadConverter } from '@temporalio/common';

/** What the server tells about activities that are under way. */
export type Pending = WorkflowExecutionDescription['raw']['pendingActivities'];

/** The agent's last words, else why a step is tried again, which may last as long as a forge is down. */
export function lastWords(pending: NonNullable<Pending>, converter: PayloadConverter): string | null {
  for (const payload of pending.flatMap((each) => each.heartbeatDetails?.payloads ?? [])) {
    const beat = converter.fromPayload<{ readonly lastLine?: unknown } | null>(payload);
    if (typeof beat?.lastLine === 'string') return beat.lastLine;
  }
  return retryReason(pending);
}

/** Why a step is tried again; null: none is. */
export function retryReason(pending: NonNullable<Pending>): string | null {
  return pending.find(({ lastFailure }) => lastFailure?.message)?.lastFailure?.message ?? null;
}
