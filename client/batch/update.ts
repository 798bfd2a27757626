import { WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError, type Client } from '@temporalio/client';

/** An update needs a worker; one that lives answers within a second. */
const ANSWER_MS = 15_000;

/** What was asked for makes no sense now: the workflow's own sentence. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

/** Nobody has said yes or no: the message is kept by Temporal. */
export class Unanswered extends Refused {}

/** Runs an update and turns its refusal into one sentence. A repeated call with the same id is the same update. */
export async function ask<T>(client: Client, update: () => Promise<T>): Promise<T> {
  try {
    return await client.withDeadline(Date.now() + ANSWER_MS, update);
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError) throw new Refused(error.cause?.message ?? error.message);
    if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) {
      throw new Unanswered(
        `no worker answered within ${ANSWER_MS / 1000} s; the message is kept and takes effect when one runs (millrace up)`,
      );
    }
    throw error;
  }
}
