#!/usr/bin/env node
import { CommanderError } from 'commander';
import { Refused } from './batch/update.ts';
import { BatchUnknown } from './batch/view.ts';
import { exitCodes, type Cli, type ExitCode } from './cli.ts';
import { createProgram } from './program.ts';
import { callerFolder } from './state/folders.ts';
import { UsageError } from './input/errors.ts';
import { ForgeUnreachable } from './forge/ask-forge.ts';
import { TemporalUnavailable } from './temporal/unavailable.ts';
import { WorkerUnavailable } from './session/worker-process.ts';

/** Some shells and package runners hand one Ctrl-C on twice; a person needs longer for a second one. */
const ECHO_MS = 500;

const stop = new AbortController();
let stoppedAt = 0;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (!stop.signal.aborted) {
      stoppedAt = performance.now();
      process.stderr.write('\nstopping; once more to leave at once\n');
      stop.abort(new Error(`stopped by ${signal}`));
    } else if (performance.now() - stoppedAt > ECHO_MS) {
      // The second time the person means it: server and worker live on in their own process groups.
      process.exit(exitCodes.stopped);
    }
  });
}

const cli: Cli = {
  env: process.env,
  cwd: callerFolder(process.env, process.cwd()),
  out: process.stdout,
  progress: (line) => process.stderr.write(`${line}\n`),
  signal: stop.signal,
};

process.exit(await main());

async function main(): Promise<ExitCode> {
  let code: ExitCode = exitCodes.success;
  const exit = (to: ExitCode) => void (code = to);
  try {
    await createProgram(cli, exit).parseAsync(process.argv);
    return code;
  } catch (error) {
    return explain(error);
  }
}

/** Says what, where and how to mend, and decides the exit code; a bug shows its stack. */
function explain(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.success : exitCodes.usage;
  if (error instanceof UsageError || error instanceof BatchUnknown) return say(error, exitCodes.usage);
  if (error instanceof Refused || error instanceof ForgeUnreachable) return say(error, exitCodes.unsuccessful);
  if (error instanceof TemporalUnavailable || error instanceof WorkerUnavailable) return say(error, exitCodes.temporal);
  if (stop.signal.aborted) return exitCodes.stopped;
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return exitCodes.unsuccessful;
}

function say(error: Error, code: ExitCode): ExitCode {
  process.stderr.write(`${error.message}\n`);
  return code;
}
