import type { WorkflowExecutionDescription } from '@temporalio/client';
import type { PayloadConverter } from '@temporalio/common';

/** What a server tells of activities that are under way. */
export type Pending = WorkflowExecutionDescription['raw']['pendingActivities'];

/** What the agent said last, else why a step is tried again: it may go on so for as long as a forge is away. */
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
