import type { CleanedUp, CleanupInput } from './domain/host/cleanup.ts';
import { cleanUpHost } from './proxies.ts';

/**
 * Asks a host to remove what no open issue needs, and ends with a list of it. It is a workflow because only the host's
 * own worker may touch its disk. It owns nothing, and fails if that worker is away for a minute.
 */
export async function cleanupWorkflow(input: CleanupInput): Promise<CleanedUp> {
  return cleanUpHost(input.host).cleanUp(input);
}
