import { setCurrentDetails, upsertMemo, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { noUsage, type Base } from '../domain/attempt.ts';
import type { OutcomeKind } from '../domain/outcome.ts';
import { issuePage } from '../domain/batch/page.ts';
import type { IssueInput } from '../domain/run.ts';
import { isWaitingStage, type Stage } from '../domain/stage.ts';
import type { IssueStatus } from '../domain/status.ts';
import type { Counters } from '../domain/step.ts';
import { attributes } from '../ids.ts';

/** Everything that an issue's workflow knows of itself; plain data, changed in one place each. */
export interface IssueState {
  stage: Stage;
  reason: string | null;
  counters: Counters;
  /** Number of the last attempt. */
  attempts: number;
  title: string;
  host: string | null;
  branch: string | null;
  base: Base | null;
  /** Newest committed work, and the private ref that keeps it. */
  head: string | null;
  ref: string | null;
  /** Sha on the remote branch. */
  pushed: string | null;
  pullRequest: number | null;
  lastVerdict: string | null;
  usage: typeof noUsage;
  /** What went another way than planned; the last ones. */
  notes: readonly string[];
}

/** A fresh issue. */
export function initialState(input: IssueInput): IssueState {
  return {
    stage: 'queued',
    reason: null,
    counters: {
      rounds: 0,
      roundsAllowed: input.policy.rounds,
      checkFixes: 0,
      ciFixes: 0,
      continuations: 0,
      pushedBack: false,
    },
    attempts: 0,
    title: input.title,
    host: null,
    branch: null,
    base: null,
    head: null,
    ref: null,
    pushed: null,
    pullRequest: null,
    lastVerdict: null,
    usage: noUsage,
    notes: [],
  };
}

/** The state as people ask for it. */
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
    ...(state.notes.length > 0 ? { notes: state.notes } : {}),
  };
}

/** Shows the state in the Web UI: search attributes on real changes only (an event each), and the issue's page. */
export function createProgress(input: IssueInput, state: IssueState) {
  let shown = '';
  const show = (outcome: OutcomeKind | null) => {
    setCurrentDetails(issuePage(statusOf(input, state), input.issue));
    const facts = [state.stage, outcome, state.pullRequest, state.counters.rounds].join('\n');
    if (facts === shown) return;
    shown = facts;
    upsertSearchAttributes([
      { key: attributes.stage, value: state.stage },
      { key: attributes.outcome, value: outcome },
      { key: attributes.pullRequest, value: state.pullRequest === null ? null : String(state.pullRequest) },
      { key: attributes.round, value: state.counters.rounds },
    ]);
  };
  let waitedMs = 0;
  let since = workflowInfo().startTime.getTime();
  const enter = (stage: Stage, reason: string | null, outcome: OutcomeKind | null) => {
    const now = Date.now();
    if (isWaitingStage(state.stage)) waitedMs += now - since;
    since = now;
    state.stage = stage;
    state.reason = reason;
    show(outcome);
  };
  /** The whole status goes into the memo: it is read when no worker runs that could be asked. */
  const wait = (stage: Stage, reason: string, outcome: OutcomeKind | null) => {
    enter(stage, reason, outcome);
    upsertMemo({ status: statusOf(input, state) });
  };
  return {
    enter: (stage: Stage) => enter(stage, null, null),
    park: (reason: string) => wait('waiting (quota)', reason, null),
    /** For its batch this is an outcome already. */
    askPerson: (reason: string) => wait('waiting (human)', reason, 'needs-manual-review'),
    end: (outcome: OutcomeKind, reason: string) => enter('done', reason, outcome),
    elapsedMs: () => Date.now() - workflowInfo().startTime.getTime(),
    /** The part of it in which nothing could be done. */
    waitedMs: () => waitedMs + (isWaitingStage(state.stage) ? Date.now() - since : 0),
  };
}

export type Progress = ReturnType<typeof createProgress>;
