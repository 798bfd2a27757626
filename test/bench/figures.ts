/** What `npm run bench -- --json` prints, by the names that its readers know. */
export interface Figures {
  /** Milliseconds an issue of 40 and of 200 (`--short`: of 40), with an agent that takes no time. */
  readonly pipelineMsPerIssue: { readonly '40': number; readonly '200'?: number };
  /** The same git commands and agent runs in a shell loop. */
  readonly shellMsPerIssue: { readonly '40': number; readonly '200'?: number };
  /** Wall time of the pipeline to the shell loop's, 40 issues, with an agent that takes 5 s a run. */
  readonly pipelineRatio5s: number;
  /** Time to set up so many worktrees to the time of a loop of `git worktree add`. */
  readonly worktreeRatio: Readonly<Record<'1' | '5' | '10' | '20', number>>;
  readonly batchIssuesPerSecond: number;
  /** Largest history of any run. */
  readonly maxHistoryEvents: number;
  /** From a warm-up to the end of the batch. */
  readonly workerRssGrowthMb: number;
}

/** The middle of some measurements. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[upper]! : (sorted[upper - 1]! + sorted[upper]!) / 2;
}

/** Three digits say all that a benchmark knows. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
