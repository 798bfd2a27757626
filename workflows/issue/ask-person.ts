import { settledAs } from '../domain/issue-told.ts';
import { accepted, ciAwaitedFrom, resumed } from '../domain/issue-transitions.ts';
import type { Step } from '../domain/step.ts';
import { forge } from '../proxies.ts';
import { announceOnForge } from './announce.ts';
import type { Decision } from './person.ts';
import { unpark } from './quota.ts';
import type { IssueRun } from './run.ts';
import { takeSlot } from './slot.ts';

/** Waits for a person without a slot; for its batch the issue is settled until somebody answers. */
export async function askPerson(run: IssueRun, step: Extract<Step, { kind: 'person' }>): Promise<Step> {
  run.progress.askPerson(step.reason);
  // Announces before the slot is given back: a batch that comes to rest may take its worker with it.
  await announceOnForge(run, 'waiting', step.reason);
  await run.slot.settle(settledAs(run.state, 'manual'));
  const decision = await run.person.decides();
  switch (decision.kind) {
    case 'silence':
      return { kind: 'end', outcome: 'needs-manual-review', reason: `${step.reason}; nobody answered in time` };
    case 'accept':
      return accept(run, decision.reason);
    case 'resume':
      return resume(run, decision, step.resume);
  }
}

async function accept(run: IssueRun, reason: string | null): Promise<Step> {
  await takeSlot(run);
  const { pullRequest, pushed } = run.state;
  await forge.acceptWork({ version: 1, issue: run.input.issue, pullRequest, head: pushed!, reason });
  run.state = accepted(run.state, reason);
  return { kind: 'land', ciPassed: true };
}

async function resume(run: IssueRun, { message }: Extract<Decision, { kind: 'resume' }>, to: Step): Promise<Step> {
  run.state = resumed(run.state, run.input.policy, message);
  await unpark(run);
  await takeSlot(run);
  await announceOnForge(run, 'working');
  run.state = ciAwaitedFrom(run.state, Date.now());
  // A person who says something wants the agent to act on it, also where only waiting or landing would come next.
  return isWithoutAgent(to) && message !== null ? { kind: 'fix', ask: { kind: 'continue' } } : to;
}

function isWithoutAgent({ kind }: Step): boolean {
  return kind === 'land' || kind === 'await-ci';
}
