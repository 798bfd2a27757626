import { setCurrentDetails, upsertMemo, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { issuePage } from '../domain/batch/page.ts';
import { statusOf } from '../domain/issue-told.ts';
import { entered } from '../domain/issue-transitions.ts';
import type { OutcomeKind } from '../domain/outcome.ts';
import { isWaitingStage, type Stage } from '../domain/stage.ts';
import { attributes } from '../ids.ts';
import type { IssueCore } from './core.ts';

/** Where an issue stands, as lists and the Web UI show it. */
export interface IssueProgress {
  /** It is in a stage and waits for nobody. */
  enter(stage: Stage): void;
  /** It waits for quota. */
  park(reason: string): void;
  /** It waits for a person; for its batch this is an outcome already. */
  askPerson(reason: string): void;
  /** It is over. */
  end(outcome: OutcomeKind, reason: string): void;
  /** Since the workflow began. */
  elapsedMs(): number;
  /** The part of it in which it waited and could do nothing. */
  waitedMs(): number;
}

/** Shows an issue in the Web UI: its page, and search attributes on real changes only, since each is an event. */
export function createProgress(core: IssueCore): IssueProgress {
  const { input } = core;
  let shown = '';
  const show = (outcome: OutcomeKind | null) => {
    const { state } = core;
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
    if (isWaitingStage(core.state.stage)) waitedMs += now - since;
    since = now;
    core.state = entered(core.state, stage, reason);
    show(outcome);
  };
  /** The memo gets the whole status, for readers who find no worker to ask. */
  const wait = (stage: Stage, reason: string, outcome: OutcomeKind | null) => {
    enter(stage, reason, outcome);
    upsertMemo({ status: statusOf(input, core.state) });
  };
  return {
    enter: (stage) => enter(stage, null, null),
    park: (reason) => wait('waiting (quota)', reason, null),
    askPerson: (reason) => wait('waiting (human)', reason, 'needs-manual-review'),
    end: (outcome, reason) => enter('done', reason, outcome),
    elapsedMs: () => Date.now() - workflowInfo().startTime.getTime(),
    waitedMs: () => waitedMs + (isWaitingStage(core.state.stage) ? Date.now() - since : 0),
  };
}
