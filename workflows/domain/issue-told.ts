import type { Settled } from './batch/batch.ts';
import { tokensOf } from './batch/budget.ts';
import type { IssueState } from './issue-state.ts';
import type { Outcome, OutcomeKind } from './outcome.ts';
import type { IssueInput } from './run.ts';
import type { IssueStatus } from './status.ts';
import type { End } from './step.ts';

/** What a person is told of an issue whose workflow is open. */
export function statusOf(input: IssueInput, state: IssueState): IssueStatus {
  return {
    version: 1,
    id: input.issue.id,
    title: state.title,
    stage: state.stage,
    reason: state.reason,
    round: state.counters.rounds,
    rounds: state.counters.roundsAllowed,
    attempts: state.attempts,
    branch: state.branch,
    pullRequest: state.pullRequest,
    host: state.host,
    head: state.head,
    ref: state.ref,
    pushed: state.pushed,
    lastVerdict: state.lastVerdict,
    usage: state.usage,
    ...toldNotes(state),
  };
}

/** What the batches of an issue are told when it comes to rest. */
export function settledAs(state: IssueState, kind: OutcomeKind | 'manual'): Omit<Settled, 'key'> {
  return {
    kind,
    satisfies: kind !== 'skipped' || state.satisfies,
    sha: state.landedAs ?? state.head,
    pullRequest: state.pullRequest,
    ...toldSpent(state),
  };
}

/** What they are told while it waits for something outside: it needs no slot, and its work is not ready. */
export function parkedAs(state: IssueState): Omit<Settled, 'key'> {
  return { kind: 'parked', satisfies: false, sha: null, pullRequest: null, ...toldSpent(state) };
}

/** The outcome of an issue that came to this end after `durationMs`, of which it waited `waitedMs`. */
export function outcomeOf(
  input: IssueInput,
  state: IssueState,
  end: Pick<End, 'outcome' | 'reason'> & { readonly durationMs: number; readonly waitedMs: number },
): Outcome {
  return {
    version: 1,
    kind: end.outcome,
    reason: end.reason,
    issue: input.issue.id,
    title: state.title,
    branch: state.branch,
    pullRequest: state.pullRequest,
    sha: state.landedAs ?? state.head,
    ref: state.ref,
    pushed: state.pushed,
    rounds: state.counters.rounds,
    attempts: state.attempts,
    usage: state.usage,
    durationMs: end.durationMs,
    waitedMs: end.waitedMs,
    ...toldNotes(state),
  };
}

function toldNotes({ notes }: IssueState): { readonly notes?: readonly string[] } {
  return notes.length > 0 ? { notes } : {};
}

function toldSpent({ usage }: IssueState): Pick<Settled, 'costUsd' | 'tokens'> {
  return { costUsd: usage.costUsd, tokens: tokensOf(usage) };
}
