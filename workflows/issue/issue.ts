import { CancellationScope, isCancellation, patched } from '@temporalio/workflow';
import { attempt } from './attempt.ts';
import { pushBackAnswer } from '../domain/agent/push-back.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { IssueInput } from '../domain/run.ts';
import { afterChecks, afterImplement, afterRefusal, afterReview, type End, type Step } from '../domain/step.ts';
import { askPerson } from './ask-person.ts';
import { awaitCi } from './await-ci.ts';
import { endIssue } from './ending.ts';
import { isTimedOut, knownFailure, NotTakenOver } from '../failures.ts';
import { createIssueRun, type IssueRun } from './run.ts';
import { createSessions } from './sessions.ts';
import { forge } from '../proxies.ts';

/** One issue, from the backlog to its outcome: prepare, implement, check, publish, review, fix, land, clean up. */
export async function issueWorkflow(input: IssueInput): Promise<Outcome> {
  const run = createIssueRun(input);
  const end = await untilEnd(run);
  return CancellationScope.nonCancellable(() => endIssue(run, end));
}

async function untilEnd(run: IssueRun): Promise<End> {
  try {
    if (run.input.rerun) {
      run.progress.enter('waiting (slot)');
      await run.slot.take();
    }
    let step: Step = { kind: 'prepare' };
    while (step.kind !== 'end') step = await take(run, step);
    return step;
  } catch (error) {
    if (isCancellation(error)) return { kind: 'end', outcome: 'cancelled', reason: 'cancelled by a person' };
    const failure = knownFailure(error);
    if (failure) return { kind: 'end', outcome: 'failed', reason: `${failure.type}: ${failure.message}` };
    if (error instanceof NotTakenOver)
      return { kind: 'end', outcome: 'failed', reason: `${run.state.stage}: ${error.message}` };
    if (isTimedOut(error))
      return { kind: 'end', outcome: 'failed', reason: `${run.state.stage}: no worker finished it in time` };
    throw error;
  }
}

async function take(run: IssueRun, step: Exclude<Step, End>): Promise<Step> {
  try {
    return await act(run, step);
  } catch (error) {
    const failure = knownFailure(error);
    const next = failure && afterRefusal(step, failure);
    if (next && patched('refused-credentials-wait')) return next;
    throw error;
  }
}

function act(run: IssueRun, step: Exclude<Step, End>): Promise<Step> {
  switch (step.kind) {
    case 'prepare':
      return prepare(run);
    case 'implement':
      return implement(run, step);
    case 'check':
      return check(run);
    case 'publish':
      return publish(run);
    case 'review':
      return review(run);
    case 'fix':
      return fix(run, step);
    case 'await-ci':
      return awaitCi(run, step);
    case 'land':
      return land(run, step);
    case 'person':
      return askPerson(run, step);
  }
}

async function prepare(run: IssueRun): Promise<Step> {
  const { state } = run;
  run.progress.enter('preparing');
  const prepared = await run.prepare();
  switch (prepared.kind) {
    case 'skipped':
      state.pullRequest = prepared.pullRequest;
      state.head = prepared.sha;
      run.skippedSatisfies = prepared.satisfies;
      return { kind: 'end', outcome: 'skipped', reason: prepared.reason };
    case 'held':
      return { kind: 'person', reason: prepared.reason, resume: { kind: 'prepare' } };
    case 'ready':
      state.host = prepared.host;
      state.title = prepared.title;
      state.branch = prepared.branch;
      state.base = prepared.base;
      state.head = prepared.base.start;
      state.attempts = prepared.attempt - 1;
      state.pullRequest = prepared.pullRequest;
      state.pushed = prepared.pullRequest === null ? null : prepared.base.start;
      await run.announce('working');
      return { kind: 'implement', ask: { kind: 'implement' } };
  }
}

async function implement(run: IssueRun, step: Extract<Step, { kind: 'implement' }>): Promise<Step> {
  run.progress.enter('implementing');
  const done = await attempt(run, 'implement', { ask: step.ask, sessions: run.sessions });
  if (done.kind === 'diverted') return done.step;
  const { summary } = done.result;
  const claim = done.end.kind === 'worked' ? done.end.claim : 'none';
  const changed = run.state.head !== run.state.base?.start;
  const { counters } = run.state;
  const next = afterImplement({ changed, claim, summary }, counters, pushBackAnswer(summary));
  if (next.kind === 'implement') run.state.counters = { ...counters, pushedBack: true };
  if (next.kind === 'end' && next.outcome === 'failed' && run.escalate('implement', next.reason)) {
    run.state.counters = { ...counters, pushedBack: false };
    return { kind: 'implement', ask: { kind: 'implement' } };
  }
  if (next.kind === 'check') run.summary = summary;
  return next;
}

async function check(run: IssueRun): Promise<Step> {
  const { state, input } = run;
  if (!input.policy.hasChecks) return { kind: 'publish' };
  run.progress.enter('checking');
  const result = await run.onHost((host) =>
    host.runChecks({
      version: 1,
      issue: input.issue,
      branch: state.branch!,
      base: state.base!,
      head: state.head!,
      attempt: state.attempts,
    }),
  );
  run.checks = result.document;
  const next = afterChecks(result, state.counters, input.policy);
  if (next.kind === 'fix') state.counters = { ...state.counters, checkFixes: state.counters.checkFixes + 1 };
  if (next.kind === 'person' && run.escalate('fix', next.reason)) {
    state.counters = { ...state.counters, checkFixes: 1 };
    return next.resume;
  }
  return next;
}

async function publish(run: IssueRun): Promise<Step> {
  const { state, input } = run;
  run.progress.enter('publishing');
  const work = { version: 1, issue: input.issue, branch: state.branch!, head: state.head! } as const;
  await run.onHost((host) => host.publishWork({ ...work, ref: state.ref!, expected: state.pushed }));
  state.pushed = state.head;
  run.pushedAt = Date.now();
  run.accepted = false; // what a person took was the work before
  if (input.policy.landing === 'direct') return { kind: 'review' };
  const pullRequest = await forge.openPullRequest({
    ...work,
    base: state.base!,
    title: state.title,
    summary: run.summary,
    dependencies: input.dependencies,
    checks: run.checks,
    usage: state.usage,
  });
  state.pullRequest = pullRequest.number;
  return { kind: 'review' };
}

async function review(run: IssueRun): Promise<Step> {
  const { state, input } = run;
  run.progress.enter('reviewing');
  const sessions = createSessions();
  const earlier = run.lastReview;
  const ask = { kind: 'review', earlier: earlier?.document ?? null, since: earlier?.head ?? null } as const;
  let done = await attempt(run, 'review', { ask, sessions });
  if (done.kind === 'ended' && done.end.kind === 'unreadable') {
    const again = { kind: 'review-again', problem: done.end.problem, earlier: ask.earlier, since: ask.since } as const;
    done = await attempt(run, 'review', { ask: again, sessions });
  }
  if (done.kind === 'diverted') return done.step;
  if (done.end.kind !== 'reviewed') {
    const why = done.end.kind === 'unreadable' ? done.end.problem : 'it said nothing';
    const reason = `the reviewer gave no verdict, asked twice: ${why}`;
    if (run.escalate('review', reason)) return { kind: 'review' };
    return { kind: 'end', outcome: 'review-failed', reason };
  }
  const { verdict, review: document, findings } = done.end;
  const round = state.counters.rounds + 1;
  state.counters = { ...state.counters, rounds: round };
  state.lastVerdict =
    verdict === 'approved' ? 'approved' : `needs work: ${findings} ${findings === 1 ? 'finding' : 'findings'}`;
  run.lastReview = { document, head: state.head! };
  run.approval = 'approved by review';
  await forge.postReview({
    version: 1,
    issue: input.issue,
    pullRequest: state.pullRequest,
    head: state.head!,
    round,
    review: document,
  });
  const next = afterReview(verdict, document, state.counters);
  // A failed round: whoever did the work had its turn.
  if (next.kind === 'fix') run.escalate(round === 1 ? 'implement' : 'fix', `round ${round} needs work`);
  return next;
}

async function fix(run: IssueRun, step: Extract<Step, { kind: 'fix' }>): Promise<Step> {
  run.progress.enter('fixing');
  const done = await attempt(run, 'fix', { ask: step.ask, sessions: run.sessions });
  return done.kind === 'diverted' ? done.step : { kind: 'check' };
}

async function land(run: IssueRun, { ciPassed = false }: Extract<Step, { kind: 'land' }>): Promise<Step> {
  const { state, input } = run;
  const { landing, ci } = input.policy;
  // Where the forge merges on green it is asked at once; elsewhere CI comes first.
  if (ci && !ciPassed && landing !== 'auto-merge') return { kind: 'await-ci', armed: false };
  if (landing === 'none') return { kind: 'end', outcome: 'approved', reason: run.approval };
  run.progress.enter('landing');
  const result = await forge.landPullRequest({
    version: 1,
    issue: input.issue,
    branch: state.branch!,
    base: state.base!,
    head: state.head!,
    title: state.title,
    pullRequest: state.pullRequest,
    ...(run.accepted ? { accepted: true } : {}),
    ...(ciPassed ? { ciPassed } : {}),
  });
  switch (result.kind) {
    case 'landed':
      run.landedAs = result.sha;
      return { kind: 'end', outcome: 'landed', reason: `landed on ${state.base!.branch}` };
    case 'scheduled':
      return { kind: 'await-ci', armed: true };
    case 'pending':
      return { kind: 'await-ci', armed: false };
    case 'conflict':
      return {
        kind: 'person',
        reason: `does not merge clean on ${state.base!.branch}: conflicts in ${result.files.join(', ')}`,
        resume: { kind: 'land' },
      };
    case 'blocked':
      return { kind: 'person', reason: `${result.reason}; type: ${result.command}`, resume: { kind: 'land' } };
  }
}
