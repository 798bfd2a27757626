import { hasServer } from '../../workflows/domain/forge-facts.ts';
import type { Settings } from '../../workflows/domain/settings.ts';
import type { Cli } from '../cli.ts';
import { askForge, ForgeUnreachable } from './ask-forge.ts';

/** Longest wait for two requests; a running batch waits a whole day for its forge. */
const ANSWER_MS = 60_000;

/**
 * Asks the forge whether it accepts the work, before anybody pays an agent for it. A forge that is away stops nothing:
 * finished work waits for it.
 * @throws UsageError with what `doctor` says.
 */
export async function requireAdmission(cli: Cli, settings: Settings): Promise<void> {
  if (!hasServer(settings.forge)) return;
  const late = AbortSignal.timeout(ANSWER_MS);
  const signal = AbortSignal.any([cli.signal, late]);
  try {
    await askForge({ kind: 'admit', settings }, { env: cli.env, signal });
  } catch (error) {
    cli.signal.throwIfAborted();
    const isAway = error instanceof ForgeUnreachable;
    if (!late.aborted && !isAway) throw error;
    const why = isAway ? error.message.split('\n')[0] : `it did not answer within ${ANSWER_MS / 1000} s`;
    cli.progress(`whether ${settings.place?.url ?? 'the forge'} takes this work is not known: ${why}`);
  }
}
