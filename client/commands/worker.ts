import { execa } from 'execa';
import { Command } from 'commander';
import { exitCodes, type Cli, type ExitCode } from '../cli.ts';
import { connectTemporal, workerEnvironment } from '../temporal/connect.ts';
import { stateRoot } from '../state/folders.ts';
import { workerProgram } from '../session/worker-process.ts';

/** Longer than the worker takes to save what its agents have. */
const STOP_MS = 30_000;

/** `millrace worker`: one more worker in the foreground, for a Temporal that runs already. */
export function workerCommand(cli: Cli, exit: (code: ExitCode) => void): Command {
  return new Command('worker')
    .description(
      'Run a worker in the foreground for a Temporal that runs: TEMPORAL_ADDRESS, a profile, or a running `up`.',
    )
    .addHelpText('after', '\nExample:\n  TEMPORAL_ADDRESS=127.0.0.1:7233 millrace worker')
    .action(async () => {
      const root = stateRoot(cli.env);
      const temporal = await connectTemporal({ env: cli.env, progress: cli.progress, stateRoot: root, start: false });
      await temporal.close();
      const result = await execa(process.execPath, workerProgram(), {
        env: workerEnvironment(temporal, root, cli.env),
        extendEnv: false,
        stdin: 'ignore',
        stdout: 'inherit',
        stderr: 'inherit',
        cancelSignal: cli.signal,
        forceKillAfterDelay: STOP_MS,
        reject: false,
      });
      exit(cli.signal.aborted ? exitCodes.stopped : result.exitCode === 0 ? exitCodes.success : exitCodes.unsuccessful);
    });
}
