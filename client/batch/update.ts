import { WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError, type Client } from '@temporalio/client';

import { ExitError, exitCodes } from '../input/errors.ts';

/** An update needs a worker; a live one answers within a second. */
const ANSWER_MS = 15_000;

/** A workflow refused an update, in its own sentence: what was asked for makes no sense now. */
export class UpdateRefused extends ExitError {
  override readonly name: string = 'UpdateRefused';
  readonly exitCode = exitCodes.unsuccessful;
}

/** No worker said yes or no; Temporal keeps the update. */
export class UpdateUnanswered extends UpdateRefused {
  override readonly name = 'UpdateUnanswered';
}

/** Runs an update and turns its refusal into one sentence. A repeated call with the same id is the same update. */
export async function ask<T>(client: Client, update: () => Promise<T>): Promise<T> {
  try {
    return await client.withDeadline(Date.now() + ANSWER_MS, update);
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError) throw new UpdateRefused(error.cause?.message ?? error.message);
    if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) {
      throw new UpdateUnanswered(
        `no worker answered within ${ANSWER_MS / 1000} s; the message is kept and takes effect when one runs (millrace up)`,
      );
    }
    throw error;
  }
}
