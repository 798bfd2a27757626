import { setHandler } from '@temporalio/workflow';
import { createProfileChoice, type ProfileChoice } from '../domain/agent/profile-choice.ts';
import { initialState } from '../domain/issue-state.ts';
import { statusOf } from '../domain/issue-told.ts';
import { batchBudgeted } from '../domain/issue-transitions.ts';
import type { IssueInput } from '../domain/run.ts';
import { budgetSignal, issueQuery } from '../messages.ts';
import { createPerson, type Person } from './person.ts';
import { createProgress, type IssueProgress } from './progress.ts';
import type { IssueCore } from './core.ts';
import { createSessions, type PresetSessions } from './sessions.ts';
import { createSlot, type Slot } from './slot.ts';

/** One run of one issue: its core, and its sides to people, batch, profiles and sessions. */
export interface IssueRun extends IssueCore {
  /** What people see of it. */
  readonly progress: IssueProgress;
  /** Its side of the batch's window. */
  readonly slot: Slot;
  /** Its side of the person who decides. */
  readonly person: Person;
  /** Which profile plays which role. */
  readonly profiles: ProfileChoice;
  /** The sessions that the work is done in: a fix resumes the implementer's where it is the same profile. */
  readonly sessions: PresetSessions;
}

/** Sets up an issue's run and all its message handlers, before the first await. */
export function createIssueRun(input: IssueInput): IssueRun {
  const core: IssueCore = { input, state: initialState(input) };
  const run: IssueRun = Object.assign(core, {
    slot: createSlot(input),
    person: createPerson(core),
    progress: createProgress(core),
    // A person who asks for it again knows better than the batch which accounts may be used.
    profiles: createProfileChoice(input.policy, input.rerun ? {} : input.parked),
    sessions: createSessions(),
  });
  setHandler(issueQuery, () => statusOf(input, run.state));
  setHandler(budgetSignal, (budget) => {
    run.state = batchBudgeted(run.state, budget);
  });
  return run;
}
