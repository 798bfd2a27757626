import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { execa } from 'execa';
import { Command } from 'commander';
import { stateLayout } from '../../workflows/domain/host/layout.ts';
import { exitCodes, type Cli, type ExitCode } from '../cli.ts';
import { connectTemporal, workerEnvironment } from '../temporal/connect.ts';
import { stateRoot } from '../state/folders.ts';
import { openLog } from '../state/log.ts';
import { isForTerminal, logSentence } from '../state/log-line.ts';
import { workerProgram } from '../session/worker-process.ts';

/** Longer than a worker needs to save the work of its agents. */
const STOP_MS = 30_000;

/** `millrace worker`: one more worker in the foreground, for a Temporal that runs already. */
export function workerCommand(cli: Cli, exit: (code: ExitCode) => void): Command {
  return new Command('worker')
    .description(
      'Run a worker in the foreground for a Temporal that runs: TEMPORAL_ADDRESS, a profile, or a running `up`.',
    )
    .addHelpText('after', '\nExample:\n  TEMPORAL_ADDRESS=127.0.0.1:7233 millrace worker')
    .action(async () => exit(await runWorker(cli)));
}

async function runWorker(cli: Cli): Promise<ExitCode> {
  const root = stateRoot(cli.env);
  const temporal = await connectTemporal({ env: cli.env, progress: cli.progress, stateRoot: root, start: false });
  await temporal.close();
  const worker = execa(process.execPath, workerProgram(), {
    env: workerEnvironment(temporal, root, cli.env),
    extendEnv: false,
    stdin: 'ignore',
    stdout: cli.out.isTTY ? 'pipe' : 'inherit', // whoever collects logs gets them as they are
    stderr: 'inherit',
    buffer: false,
    cancelSignal: cli.signal,
    forceKillAfterDelay: STOP_MS,
    reject: false,
  });
  if (worker.stdout) await showWorker(cli, worker.stdout, join(stateLayout(root).logs, 'worker.log'));
  const { exitCode } = await worker;
  if (cli.signal.aborted) return exitCodes.stopped;
  return exitCode === 0 ? exitCodes.success : exitCodes.unsuccessful;
}

/** Keeps the worker's log in a file; the terminal gets what a person has to know, in sentences. */
async function showWorker(cli: Cli, output: Readable, path: string): Promise<void> {
  cli.out.write(`A worker starts; Ctrl-C stops it, and nothing is lost. Its log is ${path}.\n`);
  const log = await openLog(path);
  try {
    for await (const line of createInterface({ input: output })) {
      await log.appendFile(`${line}\n`);
      if (isForTerminal(line)) cli.out.write(`${logSentence(line)}\n`);
    }
  } finally {
    await log.close();
  }
}
