import { NamespaceNotFoundError } from '@temporalio/common';

/**
 * gRPC codes of a server that answers no and would answer no again: invalid (3), not found (5), already exists (6),
 * not permitted (7), not in this state (9), no such service (12), unauthenticated (16). All others mean a server that
 * is down, starting, stopping, too slow or too busy, or a connection that broke during the call.
 */
const refusals: readonly number[] = [3, 5, 6, 7, 9, 12, 16];

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
