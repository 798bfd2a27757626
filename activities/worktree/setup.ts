import type { Command } from '../../workflows/domain/settings.ts';
import { failure } from '../failure/failure.ts';
import { runRepositoryCommand, textOf } from '../process/command.ts';

/** Longest set-up command; installing from a cold cache takes minutes. */
const SETUP_MS = 30 * 60_000;

/** The commands, and where they run. */
export interface SetupSpec {
  readonly commands: readonly Command[];
  readonly worktree: string;
  readonly signal: AbortSignal;
}

/** Runs `worktree.setup` in a new worktree, in order. @throws SetupFailed with the end of the output, or the signal's reason. */
export async function runSetup({ commands, worktree, signal }: SetupSpec): Promise<void> {
  for (const command of commands) {
    signal.throwIfAborted();
    const run = await runRepositoryCommand({ command, cwd: worktree, timeoutMs: SETUP_MS, signal });
    if (run.end.kind === 'cancelled') throw signal.reason;
    if (run.passed) continue;
    const how = run.exitCode === null ? '' : ` with exit code ${run.exitCode}`;
    throw failure(
      'SetupFailed',
      `worktree.setup: \`${textOf(command)}\` failed${how} in ${worktree}:\n${run.output.trim().slice(-1_200)}`,
    );
  }
}
