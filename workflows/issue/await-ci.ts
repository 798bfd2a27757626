import { patched, sleep } from '@temporalio/workflow';
import { afterCi, ciPause, type CiNext } from '../domain/forge/ci.ts';
import type { CiInput } from '../domain/forge/delivery.ts';
import { workOf } from '../domain/issue-state.ts';
import { ciRerun, counted, landed } from '../domain/issue-transitions.ts';
import { lands } from '../domain/settings.ts';
import { afterRedCi, type Step } from '../domain/step.ts';
import { forge } from '../proxies.ts';
import type { IssueRun } from './run.ts';
import { leaveSlot, takeSlot } from './slot.ts';

/**
 * Waits, without a slot, for the forge's CI on the published head. What is red is started again once, and then goes to
 * the agent.
 */
export async function awaitCi(run: IssueRun, { armed }: Extract<Step, { kind: 'await-ci' }>): Promise<Step> {
  run.progress.enter('awaiting-ci');
  const wait: Wait = { look: lookOf(run), armed };
  let since = run.state.ciSince;
  let holdsSlot = true;
  for (let nth = 1; ; nth += 1) {
    const next = await lookAt(run, wait, since);
    if (next.kind === 'rerun') {
      run.state = ciRerun(run.state);
      if (await forge.rerunCi(wait.look)) since = Date.now();
      else continue; // the forge cannot start it again: red stays red
    }
    if (next.kind === 'wait' || next.kind === 'rerun') {
      if (holdsSlot) await leaveSlot(run);
      holdsSlot = false;
      await sleep(ciPause(nth));
      continue;
    }
    const step = await afterLook(run, wait, next);
    const needsSlot = step.kind === 'fix' || next.kind === 'green';
    if (needsSlot && !holdsSlot) await takeSlot(run);
    return step;
  }
}

/** What is waited for. */
interface Wait {
  readonly look: CiInput;
  /** The forge was asked to merge on green. */
  readonly armed: boolean;
}

async function lookAt(run: IssueRun, { look, armed }: Wait, since: number): Promise<CiNext> {
  const reading = await forge.readCi(look);
  const { ci, landing } = run.input.policy;
  return afterCi(reading, {
    head: look.head,
    waitedMs: Date.now() - since,
    timeoutMs: ci?.timeoutMs ?? 0,
    rerun: run.state.rerunOf === look.head,
    lands: lands(landing),
    armed,
  });
}

type Decided = Exclude<CiNext, { kind: 'wait' | 'rerun' }>;

async function afterLook(run: IssueRun, { look, armed }: Wait, next: Decided): Promise<Step> {
  const { ci, landing } = run.input.policy;
  switch (next.kind) {
    case 'green':
      return { kind: 'land', ciPassed: true };
    case 'merged':
      run.state = landed(run.state, next.sha);
      // A merge by the forge leaves open what the policy ends: an issue whose base is not the default one, the branch.
      if (lands(landing) && patched('settle-merges')) return { kind: 'land', ciPassed: true };
      return { kind: 'end', outcome: 'landed', reason: `landed on ${look.base}` };
    case 'ask':
      return { kind: 'person', reason: next.reason, resume: resumeOf(armed) };
    case 'red': {
      if (armed) await forge.disarmMerge(look);
      const document = await forge.gatherCiFailure(look);
      const { step, counters } = afterRedCi({ failed: next.failed, document }, run.state.counters, ci?.fixes ?? 0);
      run.state = counted(run.state, counters);
      return step;
    }
  }
}

/** A scheduled merge may have been taken back in the meantime: landing asks for it once more. */
function resumeOf(armed: boolean): Step {
  return armed && patched('rearm-merge') ? { kind: 'land' } : { kind: 'await-ci', armed };
}

function lookOf({ input, state }: IssueRun): CiInput {
  const { head, base } = workOf(state);
  return { version: 1, issue: input.issue, head, base: base.branch, pullRequest: state.pullRequest };
}
