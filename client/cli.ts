import type { Command } from 'commander';
import type { Environment, Progress } from './state/folders.ts';

export { exitCodes, type ExitCode } from './input/errors.ts';

/** What every command gets from the process that it runs in. */
export interface Cli {
  readonly env: Environment;
  /** Folder that the user called from; npm changes into the package's own and keeps the user's in `INIT_CWD`. */
  readonly cwd: string;
  readonly out: NodeJS.WriteStream;
  /** Notices and progress; data goes to `out` alone, so that `--json` can be piped. */
  readonly progress: Progress;
  /** Aborts at Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Parser of an option that may be given several times. */
export function repeatable(value: string, all: readonly string[]): readonly string[] {
  return [...all, value];
}

/** A mistyped flag or argument gets one line, a suggestion, and where the help is: never the help itself over it. */
export function refusingBriefly(command: Command, path = `millrace ${command.name()}`): Command {
  for (const inner of command.commands) refusingBriefly(inner, `${path} ${inner.name()}`);
  return command.exitOverride().showHelpAfterError(`(${path} --help shows what there is)`);
}

/** Prints one JSON document. */
export function printJson(cli: Cli, document: unknown): void {
  cli.out.write(`${JSON.stringify(document, null, 2)}\n`);
}
