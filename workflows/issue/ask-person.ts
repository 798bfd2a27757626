import type { Step } from '../domain/step.ts';
import { settledAs } from './ending.ts';
import type { IssueRun } from './run.ts';
import { forge } from '../proxies.ts';

/** Waits for a person without a slot; for its batch the issue is settled until somebody answers. */
export async function askPerson(run: IssueRun, step: Extract<Step, { kind: 'person' }>): Promise<Step> {
  run.progress.askPerson(step.reason);
  // Before the slot is given back: a batch that is at rest may take its worker with it.
  await run.announce('waiting', step.reason);
  await run.slot.settle(settledAs(run, 'manual'));
  const decision = await run.person.decides();
  switch (decision.kind) {
    case 'silence':
      return { kind: 'end', outcome: 'needs-manual-review', reason: `${step.reason}; nobody answered in time` };
    case 'accept':
      run.progress.enter('waiting (slot)');
      await run.slot.take();
      await forge.acceptWork({
        version: 1,
        issue: run.input.issue,
        pullRequest: run.state.pullRequest,
        head: run.state.pushed!,
        reason: decision.reason,
      });
      // What was accepted is what lies on the branch; work that came after it stays on its private ref.
      run.state.head = run.state.pushed;
      run.approval = `accepted by a person${decision.reason ? `: ${decision.reason}` : ''}`;
      run.accepted = true;
      return { kind: 'land', ciPassed: true };
    case 'resume': {
      run.say(decision.message);
      const { counters } = run.state;
      run.state.counters = {
        ...counters,
        roundsAllowed: counters.rounds + run.input.policy.rounds,
        checkFixes: 0,
        ciFixes: 0,
        continuations: 0,
      };
      run.grantBudget();
      await run.unpark();
      run.progress.enter('waiting (slot)');
      await run.slot.take();
      await run.announce('working');
      run.pushedAt = Date.now(); // CI gets its time once more
      // With words there is something for the agent to do, also where landing alone was tried again.
      return isWaiting(step.resume) && decision.message !== null
        ? { kind: 'fix', ask: { kind: 'continue' } }
        : step.resume;
    }
  }
}

/** Nothing but waiting or landing comes next, so that an agent has to be asked for by words. */
function isWaiting({ kind }: Step): boolean {
  return kind === 'land' || kind === 'await-ci';
}
