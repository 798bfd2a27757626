import { status } from '@grpc/grpc-js';
import { NamespaceNotFoundError } from '@temporalio/common';

/**
 * Codes of a server that answers no and would answer no again. All others mean a server that is down, starting,
 * stopping, too slow or too busy, or a connection that broke during the call.
 */
const refusals: readonly number[] = [
  status.INVALID_ARGUMENT,
  status.NOT_FOUND,
  status.ALREADY_EXISTS,
  status.PERMISSION_DENIED,
  status.FAILED_PRECONDITION,
  status.UNIMPLEMENTED,
  status.UNAUTHENTICATED,
];

/** Whether Temporal may answer if asked again in a moment; the error says nothing about the question itself. */
export function isTransient(error: unknown): boolean {
  // A new server listens a moment before it has read its namespaces; ours existed when we connected.
  if (error instanceof NamespaceNotFoundError) return true;
  for (let each = error; each instanceof Error; each = each.cause) {
    const code = (each as { code?: unknown }).code;
    if (typeof code === 'number') return !refusals.includes(code);
  }
  return false; // a bug, or a channel that we shut down ourselves: it will never answer
}
