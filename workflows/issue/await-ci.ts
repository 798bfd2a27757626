import { patched, sleep } from '@temporalio/workflow';
import { afterCi, ciPause, type CiNext } from '../domain/forge/ci.ts';
import type { CiInput } from '../domain/forge/delivery.ts';
import { lands } from '../domain/settings.ts';
import { afterRedCi, type Step } from '../domain/step.ts';
import type { IssueRun } from './run.ts';
import { forge } from '../proxies.ts';

/** Waits for the forge's CI on the published head, without a slot; red is started again once, then goes to the agent. */
export async function awaitCi(run: IssueRun, { armed }: Extract<Step, { kind: 'await-ci' }>): Promise<Step> {
  run.progress.enter('awaiting-ci');
  const look = lookOf(run);
  let since = run.pushedAt;
  let holdsSlot = true;
  for (let nth = 1; ; nth += 1) {
    const next = await lookAt(run, { look, armed, since });
    if (next.kind === 'rerun') {
      run.rerunOf = look.head;
      if (await forge.rerunCi(look)) since = Date.now();
      else continue; // it cannot: what was red is red
    }
    if (next.kind === 'wait' || next.kind === 'rerun') {
      if (holdsSlot) await run.leaveSlot();
      holdsSlot = false;
      await sleep(ciPause(nth));
      continue;
    }
    const step = await follow(run, { look, next, armed });
    // What is merged already waits for nobody.
    if (!holdsSlot && (step.kind === 'fix' || next.kind === 'green')) {
      run.progress.enter('waiting (slot)');
      await run.slot.take();
    }
    return step;
  }
}

interface Look {
  readonly look: CiInput;
  readonly armed: boolean;
}

async function lookAt(run: IssueRun, { look, armed, since }: Look & { readonly since: number }): Promise<CiNext> {
  const reading = await forge.readCi(look);
  return afterCi(reading, {
    head: look.head,
    waitedMs: Date.now() - since,
    timeoutMs: run.input.policy.ci?.timeoutMs ?? 0,
    rerun: run.rerunOf === look.head,
    lands: lands(run.input.policy.landing),
    armed,
  });
}

type Decided = Exclude<CiNext, { kind: 'wait' | 'rerun' }>;

async function follow(run: IssueRun, { look, next, armed }: Look & { readonly next: Decided }): Promise<Step> {
  const { state } = run;
  switch (next.kind) {
    case 'green':
      return { kind: 'land', ciPassed: true };
    case 'merged':
      run.landedAs = next.sha;
      // A merge by the forge may have left things open that the policy ends: the issue of another base, the branch.
      if (lands(run.input.policy.landing) && patched('settle-merges')) return { kind: 'land', ciPassed: true };
      return { kind: 'end', outcome: 'landed', reason: `landed on ${state.base!.branch}` };
    case 'ask':
      return { kind: 'person', reason: next.reason, resume: resumeOf(armed) };
    case 'red': {
      if (armed) await forge.disarmMerge(look);
      const document = await forge.gatherCiFailure(look);
      const allowed = run.input.policy.ci?.fixes ?? 0;
      const after = afterRedCi({ failed: next.failed, document }, state.counters, allowed);
      state.counters = after.counters;
      return after.step;
    }
  }
}

/** The merge that was asked for may have been taken back in the meantime: landing asks for it once more. */
function resumeOf(armed: boolean): Step {
  return armed && patched('rearm-merge') ? { kind: 'land' } : { kind: 'await-ci', armed };
}

function lookOf({ input, state }: IssueRun): CiInput {
  return {
    version: 1,
    issue: input.issue,
    head: state.head!,
    base: state.base!.branch,
    pullRequest: state.pullRequest,
  };
}
