import { NamespaceNotFoundError } from '@temporalio/common';

/**
 * gRPC codes with which a server that answers says no, and will again: invalid (3), not found (5), there already (6),
 * not permitted (7), not in this state (9), no such service (12), unauthenticated (16). All others are a server that
 * is away, starting, ending, too slow or too busy, or a connection that broke under the question.
 */
const refusals: readonly number[] = [3, 5, 6, 7, 9, 12, 16];

/** Whether asking Temporal again in a moment may bring an answer: the error says nothing about what was asked for. */
export function isTransient(error: unknown): boolean {
  // A server that has just come up reads its namespaces a moment after it listens; ours was there when we connected.
  if (error instanceof NamespaceNotFoundError) return true;
  for (let each = error; each instanceof Error; each = each.cause) {
    const code = (each as { code?: unknown }).code;
    if (typeof code === 'number') return !refusals.includes(code);
  }
  return false; // a bug, or a channel that we have shut down ourselves: it never answers again
}
