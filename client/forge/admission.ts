import { hasServer } from '../../workflows/domain/forge-facts.ts';
import type { Settings } from '../../workflows/domain/settings.ts';
import type { Cli } from '../cli.ts';
import { askForge, ForgeUnreachable } from './ask-forge.ts';

/** Longest wait for two requests; work itself waits for a forge for a day. */
const ANSWER_MS = 60_000;

/**
 * Asks the forge whether it takes the work at all, before an agent is paid for it. One that is away stops nobody: what
 * is handed over waits for it.
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
