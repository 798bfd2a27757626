import { CancellationScope, patched } from '@temporalio/workflow';
import { pushBackAnswer } from '../domain/agent/push-back.ts';
import { workOf } from '../domain/issue-state.ts';
import {
  checksRan,
  counted,
  implemented,
  landed,
  pullOpened,
  prepared,
  published,
  reviewed,
} from '../domain/issue-transitions.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { IssueInput } from '../domain/run.ts';
import { afterChecks, afterImplement, afterRefusal, afterReview, type End, type Step } from '../domain/step.ts';
import { knownFailure } from '../failures.ts';
import { forge } from '../proxies.ts';
import { announceOnForge } from './announce.ts';
import { askPerson } from './ask-person.ts';
import { attempt, type Attempted } from './attempt.ts';
import { awaitCi } from './await-ci.ts';
import { endAfter, endIssue } from './ending.ts';
import { escalate } from './escalate.ts';
import { onHost, prepareOnHost } from './host.ts';
import { createIssueRun, type IssueRun } from './run.ts';
import { createSessions } from './sessions.ts';
import { takeSlot } from './slot.ts';

/**
 * One issue, from the backlog to its outcome: prepare, implement, check, publish, review, fix, land, clean up. It owns
 * the issue's worktree, branch and pull request, and is one workflow however many batches want the issue. It ends with
 * an outcome once the issue needs nobody any more; a person is waited for 14 days, and a bug until it is mended.
 */
export async function issueWorkflow(input: IssueInput): Promise<Outcome> {
  const run = createIssueRun(input);
  const end = await untilEnd(run);
  return CancellationScope.nonCancellable(() => endIssue(run, end));
}

async function untilEnd(run: IssueRun): Promise<End> {
  try {
    if (run.input.rerun) await takeSlot(run);
    let step: Step = { kind: 'prepare' };
    while (step.kind !== 'end') step = await take(run, step);
    return step;
  } catch (error) {
    return endAfter(run, error);
  }
}

/** Takes one step and returns the next; where the forge refuses our credential, a person is asked first. */
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
  run.progress.enter('preparing');
  const answer = await prepareOnHost(run);
  run.state = prepared(run.state, answer);
  switch (answer.kind) {
    case 'skipped':
      return { kind: 'end', outcome: 'skipped', reason: answer.reason };
    case 'held':
      return { kind: 'person', reason: answer.reason, resume: { kind: 'prepare' } };
    case 'ready':
      await announceOnForge(run, 'working');
      return { kind: 'implement', ask: { kind: 'implement' } };
  }
}

async function implement(run: IssueRun, { ask }: Extract<Step, { kind: 'implement' }>): Promise<Step> {
  run.progress.enter('implementing');
  const done = await attempt(run, 'implement', { ask, sessions: run.sessions });
  if (done.kind === 'diverted') return done.step;
  const { summary } = done.result;
  const claim = done.end.kind === 'worked' ? done.end.claim : 'none';
  const { head, base } = workOf(run.state);
  const changed = head !== base.start;
  const next = afterImplement({ changed, claim, summary }, run.state.counters, pushBackAnswer(summary));
  if (next.kind === 'implement') run.state = counted(run.state, { pushedBack: true });
  if (next.kind === 'end' && next.outcome === 'failed' && escalate(run, 'implement', next.reason)) {
    run.state = counted(run.state, { pushedBack: false });
    return { kind: 'implement', ask: { kind: 'implement' } };
  }
  if (next.kind === 'check') run.state = implemented(run.state, summary);
  return next;
}

async function check(run: IssueRun): Promise<Step> {
  const { issue, policy } = run.input;
  if (!policy.hasChecks) return { kind: 'publish' };
  run.progress.enter('checking');
  const { branch, base, head } = workOf(run.state);
  const attemptNumber = run.state.attempts;
  const result = await onHost(run, (host) =>
    host.runChecks({ version: 1, issue, branch, base, head, attempt: attemptNumber }),
  );
  run.state = checksRan(run.state, result.document);
  const { counters } = run.state;
  const next = afterChecks(result, counters, policy);
  if (next.kind === 'fix') run.state = counted(run.state, { checkFixes: counters.checkFixes + 1 });
  if (next.kind === 'person' && escalate(run, 'fix', next.reason)) {
    run.state = counted(run.state, { checkFixes: 1 });
    return next.resume;
  }
  return next;
}

async function publish(run: IssueRun): Promise<Step> {
  const { issue, policy, dependencies } = run.input;
  run.progress.enter('publishing');
  const { branch, base, head } = workOf(run.state);
  const { ref, pushed } = run.state;
  const work = { version: 1, issue, branch, head } as const;
  await onHost(run, (host) => host.publishWork({ ...work, ref: ref!, expected: pushed }));
  run.state = published(run.state, Date.now());
  if (policy.landing === 'direct') return { kind: 'review' };
  const { title, summary, checks, usage } = run.state;
  const { number } = await forge.openPullRequest({ ...work, base, title, summary, dependencies, checks, usage });
  run.state = pullOpened(run.state, number);
  return { kind: 'review' };
}

async function review(run: IssueRun): Promise<Step> {
  run.progress.enter('reviewing');
  const done = await askReviewer(run);
  if (done.kind === 'diverted') return done.step;
  if (done.end.kind !== 'reviewed') {
    const why = done.end.kind === 'unreadable' ? done.end.problem : 'it said nothing';
    const reason = `the reviewer gave no verdict, asked twice: ${why}`;
    if (escalate(run, 'review', reason)) return { kind: 'review' };
    return { kind: 'end', outcome: 'review-failed', reason };
  }
  const { verdict, review: document } = done.end;
  run.state = reviewed(run.state, done.end);
  const { pullRequest, counters } = run.state;
  const { head } = workOf(run.state);
  const round = counters.rounds;
  await forge.postReview({ version: 1, issue: run.input.issue, pullRequest, head, round, review: document });
  const next = afterReview(verdict, document, run.state.counters);
  // The round failed: the profile that did the work has had its turn.
  if (next.kind === 'fix') escalate(run, round === 1 ? 'implement' : 'fix', `round ${round} needs work`);
  return next;
}

/** Asks in a new session, and once more in the same one where the verdict does not parse. */
async function askReviewer(run: IssueRun): Promise<Attempted> {
  const sessions = createSessions();
  const { lastReview } = run.state;
  const earlier = { earlier: lastReview?.document ?? null, since: lastReview?.head ?? null };
  const done = await attempt(run, 'review', { ask: { kind: 'review', ...earlier }, sessions });
  if (done.kind === 'diverted' || done.end.kind !== 'unreadable') return done;
  return attempt(run, 'review', { ask: { kind: 'review-again', problem: done.end.problem, ...earlier }, sessions });
}

async function fix(run: IssueRun, { ask }: Extract<Step, { kind: 'fix' }>): Promise<Step> {
  run.progress.enter('fixing');
  const done = await attempt(run, 'fix', { ask, sessions: run.sessions });
  return done.kind === 'diverted' ? done.step : { kind: 'check' };
}

async function land(run: IssueRun, { ciPassed = false }: Extract<Step, { kind: 'land' }>): Promise<Step> {
  const { issue, policy } = run.input;
  // A forge that merges on green is asked at once; everywhere else CI comes first.
  if (policy.ci && !ciPassed && policy.landing !== 'auto-merge') return { kind: 'await-ci', armed: false };
  if (policy.landing === 'none') return { kind: 'end', outcome: 'approved', reason: run.state.approval };
  run.progress.enter('landing');
  const { branch, base, head } = workOf(run.state);
  const { title, pullRequest, accepted } = run.state;
  const result = await forge.landPullRequest({
    version: 1,
    issue,
    branch,
    base,
    head,
    title,
    pullRequest,
    ...(accepted ? { accepted } : {}),
    ...(ciPassed ? { ciPassed } : {}),
  });
  switch (result.kind) {
    case 'landed':
      run.state = landed(run.state, result.sha);
      return { kind: 'end', outcome: 'landed', reason: `landed on ${base.branch}` };
    case 'scheduled':
      return { kind: 'await-ci', armed: true };
    case 'pending':
      return { kind: 'await-ci', armed: false };
    case 'conflict': {
      const reason = `does not merge clean on ${base.branch}: conflicts in ${result.files.join(', ')}`;
      return { kind: 'person', reason, resume: { kind: 'land' } };
    }
    case 'blocked':
      return { kind: 'person', reason: `${result.reason}; type: ${result.command}`, resume: { kind: 'land' } };
  }
}
