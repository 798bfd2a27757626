#!/usr/bin/env node
import { CommanderError } from 'commander';
import { exitCodes, type Cli, type ExitCode } from './cli.ts';
import { createProgram } from './program.ts';
import { ExitError } from './input/errors.ts';
import { callerFolder } from './state/folders.ts';

/** Some shells and package runners pass one Ctrl-C on twice; a person is slower than this. */
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

/** Says what was wrong, where, and how to mend it; a bug shows its stack. Returns the exit code. */
function explain(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.success : exitCodes.usage;
  if (error instanceof ExitError) {
    process.stderr.write(`${error.message}\n`);
    return error.exitCode;
  }
  if (stop.signal.aborted) return exitCodes.stopped;
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return exitCodes.unsuccessful;
}
