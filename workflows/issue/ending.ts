import { allHandlersFinished, condition, isCancellation, log } from '@temporalio/workflow';
import { outcomeOf, settledAs } from '../domain/issue-told.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { End } from '../domain/step.ts';
import { isTimedOut, knownFailure, NotTakenOver } from '../failures.ts';
import { cleanUpOn, recordOutcome } from '../proxies.ts';
import type { IssueRun } from './run.ts';

/** The end of an issue whose step threw. @throws the error where it is a bug. */
export function endAfter(run: IssueRun, error: unknown): End {
  if (isCancellation(error)) return { kind: 'end', outcome: 'cancelled', reason: 'cancelled by a person' };
  const failure = knownFailure(error);
  if (failure) return failed(`${failure.type}: ${failure.message}`);
  if (error instanceof NotTakenOver) return failed(`${run.state.stage}: ${error.message}`);
  if (isTimedOut(error)) return failed(`${run.state.stage}: no worker finished it in time`);
  throw error;
}

function failed(reason: string): End {
  return { kind: 'end', outcome: 'failed', reason };
}

/** Cleans up, tells the forge and the batches, and makes the outcome. Runs in a scope that no cancel reaches. */
export async function endIssue(run: IssueRun, end: End): Promise<Outcome> {
  const { progress } = run;
  const took = { durationMs: progress.elapsedMs(), waitedMs: progress.waitedMs() };
  const outcome = outcomeOf(run.input, run.state, { ...end, ...took });
  await Promise.all([cleanUp(run, end), record(run, outcome)]);
  run.progress.end(end.outcome, end.reason);
  await run.slot.settle(settledAs(run.state, end.outcome));
  await condition(allHandlersFinished);
  return outcome;
}

/** Removes the worktree, unless a person is asked to look at it; branch, refs and transcripts stay. */
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

/** Tells the forge how the issue ended; a forge that is away costs its note there, not the outcome. */
async function record(run: IssueRun, outcome: Outcome): Promise<void> {
  if (outcome.kind === 'skipped') return;
  try {
    await recordOutcome({ version: 1, issue: run.input.issue, outcome });
  } catch (error) {
    log.warn('the forge was not told of the outcome', { error: String(error) });
  }
}
