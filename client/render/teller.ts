import type { BatchReader, BatchView } from '../batch/view.ts';
import type { IssueView } from '../issue/view.ts';
import type { RunName } from '../issue/read-record.ts';
import { stepLine, unstartedLine } from './lines.ts';

/**
 * Tells every step of a batch's issues exactly once. The steps come from the issues' histories, so a step that was over
 * before we looked is told like any other; a look only shows whose history has grown.
 */
export interface Teller {
  /** Treats everything up to now as told. */
  skip(view: BatchView): Promise<void>;
  /** Lines for everything not told yet, in the order in which it happened. */
  lines(view: BatchView): Promise<readonly string[]>;
}

interface Line {
  readonly at: number;
  readonly words: string;
}

/** Builds a teller that has told nothing yet. */
export function createTeller(reader: Pick<BatchReader, 'steps'>): Teller {
  /** Number of the last event told, by run. */
  const told = new Map<string, number>();
  /** The run of each issue at the last look, and how it stood then: a difference means new steps. */
  const seen = new Map<string, { readonly run: RunName; readonly mark: string }>();
  /** What we said about issues without a run. */
  const said = new Set<string>();
  /** Lines found but not told yet: a look that breaks off must not lose them. */
  let pending: Line[] = [];

  async function newSteps(issue: IssueView, run: RunName, view: BatchView): Promise<Line[]> {
    const all = await reader.steps(run);
    // The history is ahead of the view, which will soon know what else to say about this end.
    const isAhead = all.at(-1)?.outcome != null && issue.outcome === null && issue.runId === run.runId;
    const steps = isAhead ? all.slice(0, -1) : all;
    const known = told.get(run.runId);
    const news = steps.filter(({ event }) => event > (known ?? 0));
    // If an earlier batch began the issue, tell only where it stood when this batch began.
    const before = known === undefined ? news.filter(({ at }) => at.getTime() < Date.parse(view.startedAt)) : [];
    told.set(run.runId, Math.max(known ?? 0, steps.at(-1)?.event ?? 0));
    return news.slice(Math.max(0, before.length - 1)).flatMap((step) => {
      const words = stepLine(issue, step, view.rounds);
      return words === null ? [] : [{ at: step.at.getTime(), words }];
    });
  }

  async function started(issue: IssueView, run: RunName, view: BatchView): Promise<Line[]> {
    const before = seen.get(issue.key);
    const mark = [issue.stage, issue.outcome, issue.round, issue.pullRequest, issue.attempts].join('\n');
    if (before?.run.runId === run.runId && before.mark === mark) return [];
    // The issue runs again: first tell the rest of its earlier run.
    if (before && before.run.runId !== run.runId) pending.push(...(await newSteps(issue, before.run, view)));
    const lines = await newSteps(issue, run, view);
    seen.set(issue.key, { run, mark });
    return lines;
  }

  async function linesOf(issue: IssueView, view: BatchView): Promise<Line[]> {
    const { workflowId, runId } = issue;
    if (workflowId !== null && runId !== null) return started(issue, { workflowId, runId }, view);
    const words = unstartedLine(issue);
    const once = `${issue.key}\n${issue.stage}\n${issue.outcome ?? ''}`;
    if (words === null || said.has(once)) return [];
    said.add(once);
    return [{ at: Infinity, words }];
  }

  async function lines(view: BatchView): Promise<readonly string[]> {
    for (const issue of view.issues) pending.push(...(await linesOf(issue, view)));
    const all = pending;
    pending = [];
    return all.toSorted((a, b) => (a.at === b.at ? 0 : a.at - b.at)).map(({ words }) => words);
  }

  return {
    lines,
    async skip(view) {
      await lines(view);
    },
  };
}
