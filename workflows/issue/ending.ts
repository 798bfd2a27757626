import { allHandlersFinished, condition, log } from '@temporalio/workflow';
import type { Settled } from '../domain/batch/batch.ts';
import { tokensOf } from '../domain/batch/budget.ts';
import type { Outcome, OutcomeKind } from '../domain/outcome.ts';
import type { End } from '../domain/step.ts';
import type { IssueRun } from './run.ts';
import { cleanUpOn, recordOutcome } from '../proxies.ts';

/** Cleans up, tells the forge and the batches, and makes the outcome; to be run where no cancel reaches. */
export async function endIssue(run: IssueRun, end: End): Promise<Outcome> {
  const outcome = outcomeOf(run, end);
  await Promise.all([cleanUp(run, end), record(run, outcome)]);
  run.progress.end(end.outcome, end.reason);
  await run.slot.settle(settledAs(run, end.outcome));
  await condition(allHandlersFinished);
  return outcome;
}

/** The worktree goes, unless a person is asked to look at it; branch, refs and transcripts stay. */
async function cleanUp(run: IssueRun, end: End): Promise<void> {
  const { host } = run.state;
  if (host === null) return;
  try {
    await cleanUpOn(host).removeWorktree({
      version: 1,
      issue: run.input.issue,
      keepWorktree: end.outcome === 'needs-manual-review',
    });
  } catch (error) {
    log.warn('the worktree is left to the janitor', { error: String(error) });
  }
}

/** Tells the forge how it ended; a forge that is away costs its note there, not the outcome. */
async function record(run: IssueRun, outcome: Outcome): Promise<void> {
  if (outcome.kind === 'skipped') return;
  try {
    await recordOutcome({ version: 1, issue: run.input.issue, outcome });
  } catch (error) {
    log.warn('the forge was not told of the outcome', { error: String(error) });
  }
}

/** What the batches of an issue are told. */
export function settledAs(run: IssueRun, kind: OutcomeKind | 'manual'): Omit<Settled, 'key'> {
  const { state } = run;
  return {
    kind,
    satisfies: kind !== 'skipped' || run.skippedSatisfies,
    sha: run.landedAs ?? state.head,
    pullRequest: state.pullRequest,
    costUsd: state.usage.costUsd,
    tokens: tokensOf(state.usage),
  };
}

function outcomeOf(run: IssueRun, end: End): Outcome {
  const { state, input } = run;
  return {
    version: 1,
    kind: end.outcome,
    reason: end.reason,
    issue: input.issue.id,
    title: state.title,
    branch: state.branch,
    pullRequest: state.pullRequest,
    sha: run.landedAs ?? state.head,
    ref: state.ref,
    pushed: state.pushed,
    rounds: state.counters.rounds,
    attempts: state.attempts,
    usage: state.usage,
    durationMs: run.progress.elapsedMs(),
    waitedMs: run.progress.waitedMs(),
    ...(state.notes.length > 0 ? { notes: state.notes } : {}),
  };
}
