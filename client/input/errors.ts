import { cleanLine, cleanText } from './text.ts';

/** One thing that is wrong in what the user wrote. */
export interface Problem {
  /** `file:line:column`, a flag, or a folder. */
  readonly where: string;
  readonly what: string;
  /** What to do about it, in the imperative. */
  readonly mend: string;
}

/** Problems shown at once: more than a screenful is read by nobody. */
const SHOWN = 20;

/** Input refused at the door, before anything was started or written; exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly exitCode = 2;
  readonly problems: readonly Problem[];

  constructor(problems: Problem | readonly Problem[]) {
    const all = 'where' in problems ? [problems] : problems;
    super(describe(all));
    this.problems = all;
  }
}

/** Runs one step of a longer reading; what it refuses is added to `problems`, and null is returned. */
export async function collect<T>(problems: Problem[], step: () => T | Promise<T>): Promise<T | null> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    problems.push(...error.problems);
    return null;
  }
}

/** Problems file by file, as those were met, and down each of them. */
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
    // Names and texts of the user's files are in here: none of them may write to the terminal as it likes.
    .map(({ where, what, mend }) => `${cleanLine(where, 300)}: ${cleanLine(what, 1000)}\n  try: ${cleanText(mend)}`);
  const more = problems.length - SHOWN;
  return [...lines, ...(more > 0 ? [`and ${more} more like these`] : [])].join('\n');
}
