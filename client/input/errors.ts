import { cleanLine, cleanText } from '../../workflows/domain/words.ts';

/** Exit codes of the command line; only `client/main.ts` ends the process. */
export const exitCodes = { success: 0, unsuccessful: 1, usage: 2, temporal: 3, stopped: 130 } as const;

/** Ends in one of `exitCodes`. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** An error whose message alone, without a stack, tells a person why the command ends, and with which exit code. */
export abstract class ExitError extends Error {
  abstract readonly exitCode: ExitCode;
}

/** One thing that is wrong in what the user wrote. */
export interface Problem {
  /** `file:line:column`, a flag, or a folder. */
  readonly where: string;
  readonly what: string;
  /** What to do about it, in the imperative. */
  readonly mend: string;
}

/** Problems shown at once: nobody reads more than a screenful. */
const SHOWN = 20;

/** Input that was refused before anything was started or written; exit code 2. */
export class UsageError extends ExitError {
  override readonly name = 'UsageError';
  readonly exitCode = exitCodes.usage;
  readonly problems: readonly Problem[];

  constructor(problems: Problem | readonly Problem[]) {
    const all = 'where' in problems ? [problems] : problems;
    super(describe(all));
    this.problems = all;
  }
}

/** Runs one step of a longer reading; if it refuses, adds its problems to `problems` and returns null. */
export async function collectProblems<T>(problems: Problem[], step: () => T | Promise<T>): Promise<T | null> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    problems.push(...error.problems);
    return null;
  }
}

/** Sorts problems by file, in the order in which the files were met, and by place within each. */
export function byPlace(problems: readonly Problem[]): readonly Problem[] {
  const files = [...new Set(problems.map(fileOf))];
  return problems.toSorted(
    (a, b) =>
      files.indexOf(fileOf(a)) - files.indexOf(fileOf(b)) || a.where.localeCompare(b.where, 'en', { numeric: true }),
  );
}

function fileOf({ where }: Problem): string {
  return where.replace(/:\d+(:\d+)?$/, '');
}

function describe(problems: readonly Problem[]): string {
  const lines = problems
    .slice(0, SHOWN)
    // These texts contain names from the user's files, which must not control the terminal.
    .map(({ where, what, mend }) => `${cleanLine(where, 300)}: ${cleanLine(what, 1000)}\n  try: ${cleanText(mend)}`);
  const more = problems.length - SHOWN;
  return [...lines, ...(more > 0 ? [`and ${more} more like these`] : [])].join('\n');
}
