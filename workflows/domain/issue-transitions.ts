import type { ArtifactRef } from './artifact.ts';
import { addUsage, type AttemptEnd, type AttemptResult, type Prepared, type Usage } from './attempt.ts';
import { tokensOf } from './batch/budget.ts';
import { workOf, type IssueState } from './issue-state.ts';
import { budgetsOf, type Budget, type Policy, type Role } from './settings.ts';
import type { Stage } from './stage.ts';
import type { Counters } from './step.ts';

/** Most notes that an issue keeps, and most characters of one: they are in the status and in the outcome. */
const MOST_NOTES = 10;
const LONGEST_NOTE = 300;

/** It enters a stage; `reason`: why it waits there, null where it does not. */
export function entered(state: IssueState, stage: Stage, reason: string | null): IssueState {
  return { ...state, stage, reason };
}

/** Its preparation answered. */
export function prepared(state: IssueState, answer: Prepared): IssueState {
  switch (answer.kind) {
    case 'held':
      return state;
    case 'skipped':
      return { ...state, pullRequest: answer.pullRequest, head: answer.sha, satisfies: answer.satisfies };
    case 'ready': {
      const { host, title, branch, base, pullRequest } = answer;
      const pushed = pullRequest === null ? null : base.start;
      const attempts = answer.attempt - 1;
      return { ...state, host, title, branch, base, head: base.start, attempts, pullRequest, pushed };
    }
  }
}

/** Another host has rebuilt its worktree. */
export function movedTo(state: IssueState, host: string): IssueState {
  return { ...state, host };
}

/** Some of its counters change. */
export function counted(state: IssueState, change: Partial<Counters>): IssueState {
  return { ...state, counters: { ...state.counters, ...change } };
}

/** Something went another way than planned. */
export function noted(state: IssueState, words: string): IssueState {
  return { ...state, notes: [...state.notes, words.slice(0, LONGEST_NOTE)].slice(-MOST_NOTES) };
}

/** A person's words are kept for the next attempt that works, after those that wait already; null: nothing was said. */
export function worded(state: IssueState, words: string | null): IssueState {
  if (words === null) return state;
  return { ...state, words: state.words === null ? words : `${state.words}\n\n${words}` };
}

/** An attempt begins: an agent that works gets the person's words, a reviewer does not. */
export function attemptBegun(state: IssueState, role: Role): IssueState {
  return { ...state, attempts: state.attempts + 1, words: role === 'review' ? state.words : null };
}

/** An attempt ended: what it used counts, and what it committed is the newest work, unless it only looked. */
export function attemptEnded(state: IssueState, role: Role, result: AttemptResult): IssueState {
  const used = spent(state, result.usage);
  return role === 'review' ? used : { ...used, head: result.head, ref: result.ref };
}

/** Something was used without an end to show for it. */
export function spent(state: IssueState, usage: Usage): IssueState {
  return { ...state, usage: addUsage(state.usage, usage) };
}

/** The implementer has done something; its words go into the pull request. */
export function implemented(state: IssueState, summary: string): IssueState {
  return { ...state, summary };
}

/** The checks ran. */
export function checksRan(state: IssueState, document: ArtifactRef): IssueState {
  return { ...state, checks: document };
}

/** Its head was pushed, `now` in epoch ms. What a person took was the work before. */
export function published(state: IssueState, now: number): IssueState {
  return { ...ciAwaitedFrom(state, now), pushed: state.head, accepted: false };
}

/** CI gets its whole time from `now` on, epoch ms. */
export function ciAwaitedFrom(state: IssueState, now: number): IssueState {
  return { ...state, ciSince: now };
}

/** The failed CI of its head was started again. */
export function ciRerun(state: IssueState): IssueState {
  return { ...state, rerunOf: state.head };
}

/** Its pull request is open. */
export function pullOpened(state: IssueState, pullRequest: number): IssueState {
  return { ...state, pullRequest };
}

/** A review with a verdict: a round is over. */
export function reviewed(state: IssueState, end: Extract<AttemptEnd, { kind: 'reviewed' }>): IssueState {
  const { verdict, findings, review } = end;
  return {
    ...counted(state, { rounds: state.counters.rounds + 1 }),
    lastVerdict:
      verdict === 'approved' ? verdict : `needs work: ${findings} ${findings === 1 ? 'finding' : 'findings'}`,
    lastReview: { document: review, head: workOf(state).head },
    approval: 'approved by review',
  };
}

/** A person took what lies on the branch; work that came after it stays on its private ref. */
export function accepted(state: IssueState, reason: string | null): IssueState {
  const approval = `accepted by a person${reason ? `: ${reason}` : ''}`;
  return { ...state, head: state.pushed, approval, accepted: true };
}

/** A person lets it go on: rounds, fixes, continuations and the issue's budget are granted once more. */
export function resumed(state: IssueState, policy: Policy, words: string | null): IssueState {
  const { rounds } = state.counters;
  const counters = { roundsAllowed: rounds + policy.rounds, checkFixes: 0, ciFixes: 0, continuations: 0 };
  const budgets = { ...state.budgets, issue: raised(budgetsOf(policy).issue, state.usage) };
  return { ...worded(counted(state, counters), words), budgets };
}

/** The same amount again, on top of what is used. */
function raised({ costUsd, tokens }: Budget, used: Usage): Budget {
  return {
    costUsd: costUsd === null ? null : costUsd + used.costUsd,
    tokens: tokens === null ? null : tokens + tokensOf(used),
  };
}

/** The budget of its batch was changed. */
export function batchBudgeted(state: IssueState, batch: Budget): IssueState {
  return { ...state, budgets: { ...state.budgets, batch } };
}

/** Its work is on the base, whose tip is `sha` now. */
export function landed(state: IssueState, sha: string): IssueState {
  return { ...state, landedAs: sha };
}
