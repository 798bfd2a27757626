import type { CleanedUp, CleanupInput } from './domain/host/cleanup.ts';
import { cleanUpHost } from './proxies.ts';

/** Asks a host to remove what no open issue needs; a workflow, because only its worker may touch that disk. */
export async function cleanupWorkflow(input: CleanupInput): Promise<CleanedUp> {
  return cleanUpHost(input.host).cleanUp(input);
}
