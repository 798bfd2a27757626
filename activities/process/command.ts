import type { Command } from '../../workflows/domain/settings.ts';
import { endWords } from './end-words.ts';
import { programEnvironment } from './environment.ts';
import { createTail } from './lines.ts';
import { runProcess, type ProcessEnd } from './process.ts';
import { createScrubber } from '../text/scrubber.ts';

/** How a command ended. */
export interface CommandRun {
  readonly end: ProcessEnd;
  readonly passed: boolean;
  /** Null: it did not exit by itself. */
  readonly exitCode: number | null;
  readonly durationMs: number;
  /** The last 16 KB of both streams, scrubbed; the last line says how it ended where the exit code does not. */
  readonly output: string;
}

/** A command of the repository, and its limits. */
export interface CommandSpec {
  readonly command: Command;
  readonly cwd: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly onLine?: (line: string) => void;
}

const OUTPUT_BYTES = 16 * 1024;

/** With a cancel that takes up to 5 s to arrive, a command and its children are gone within 10 s. */
const GRACE_MS = 4_000;

/** Runs one of the repository's own commands (a check, a set-up). It sees none of our variables and no secret. */
export async function runRepositoryCommand(spec: CommandSpec): Promise<CommandRun> {
  const scrub = createScrubber(process.env, []);
  const tail = createTail(OUTPUT_BYTES);
  const { end, durationMs } = await runProcess({
    argv: argvOf(spec.command),
    cwd: spec.cwd,
    env: programEnvironment(),
    wallMs: spec.timeoutMs,
    graceMs: GRACE_MS,
    signal: spec.signal,
    onLine: (line) => spec.onLine?.(scrub(line)),
    onBytes: (chunk) => tail.push(chunk),
  });
  const words = wordsOf(end, spec.timeoutMs);
  const output = scrub(tail.text());
  return {
    end,
    passed: end.kind === 'exited' && end.code === 0,
    exitCode: end.kind === 'exited' ? end.code : null,
    durationMs,
    output: words === null ? output : `${output}${output === '' || output.endsWith('\n') ? '' : '\n'}${words}\n`,
  };
}

/** A command as it was configured, for people. */
export function textOf(command: Command): string {
  return typeof command === 'string' ? command : command.join(' ');
}

/** A string is a line for a shell, by the user's choice; we never put anything into it. */
function argvOf(command: Command): readonly string[] {
  return typeof command === 'string' ? ['/bin/sh', '-c', command] : command;
}

/** How it ended, in words, where the exit code does not say so. */
function wordsOf(end: ProcessEnd, timeoutMs: number): string | null {
  if (end.kind === 'exited') return null;
  const limit = end.kind === 'timed-out' ? ` of ${Math.round(timeoutMs / 1000)} s` : '';
  return `millrace: it ${endWords(end)}${limit}`;
}
