import type { BatchControl, BatchInput } from '../domain/batch/batch.ts';
import type { Schedule, Waiting } from '../domain/batch/schedule.ts';
import type { Budget } from '../domain/settings.ts';
import type { BatchAccount } from './account.ts';

/** What people ask of a running batch: its width, its control, more plans, another budget, the release or the end of an issue that waits. */
export type Steering = ReturnType<typeof createSteering>;

/** What steering acts on; `touch` tells whoever waits that something changed. */
interface Steered {
  readonly schedule: Schedule;
  readonly account: BatchAccount;
  readonly touch: () => void;
}

/** Builds the steering of one run of a batch; it stands where the run before left it. */
export function createSteering(input: BatchInput, { schedule, account, touch }: Steered) {
  const plans = [...input.plans];
  const added: string[] = [];
  const dropped = new Set<number>(input.carried?.dropped);
  let width = input.width;
  let control: BatchControl = input.carried?.control ?? 'running';
  let newBudget: Budget | null = null;

  return {
    width: () => width,
    /** Returns the width before. */
    setWidth(to: number): number {
      const before = width;
      width = to;
      touch();
      return before;
    },

    control: () => control,
    /** Returns the control before. */
    setControl(to: BatchControl): BatchControl {
      const before = control;
      control = to;
      touch();
      return before;
    },

    /** sha256 of every plan document, the added ones too. */
    plans: (): readonly string[] => plans,
    /** Notes a plan whose issues are to be added; it is read between two steps of the batch. */
    addPlan(plan: string) {
      plans.push(plan);
      added.push(plan);
      touch();
    },
    /** Takes the next added plan, to be read; undefined: there is none. */
    takeAdded: () => added.shift(),
    hasAdded: () => added.length > 0,
    /** Forgets an added plan that cannot be read. */
    dropPlan: (plan: string) => void plans.splice(plans.lastIndexOf(plan), 1),

    /** What is left out stays. */
    setBudget(change: Partial<Budget>): { readonly before: Budget; readonly after: Budget } {
      const before = account.budget();
      const after = { ...before, ...change };
      account.setBudget(after);
      newBudget = after;
      touch();
      return { before, after };
    },
    /** Takes the budget that the issues under way do not know yet; null: they know it. */
    takeNewBudget(): Budget | null {
      const budget = newBudget;
      newBudget = null;
      return budget;
    },
    /** Somebody asked for something that is not passed on yet: a next run of the batch would not know of it. */
    hasNews: () => added.length > 0 || newBudget !== null,

    /** Lets a held issue start in spite of its dependencies, by its id or key; false: no such issue is held. */
    release(id: string): boolean {
      const index = queued(id);
      if (index === null) return false;
      schedule.release(index);
      touch();
      return true;
    },
    /** Why an issue has not started, by its id or key; null: it has, or there is no such issue. */
    waiting(id: string): Waiting | null {
      const index = queued(id);
      return index === null ? null : schedule.waiting(index);
    },
    /** Cancels an issue before it starts, by its id or key; false: no such issue waits. */
    drop(id: string): boolean {
      const index = queued(id);
      if (index === null) return false;
      schedule.set(index, 'cancelled');
      dropped.add(index);
      touch();
      return true;
    },
    /** Issues that people cancelled before they started. */
    dropped: (): ReadonlySet<number> => dropped,
  };

  function queued(id: string): number | null {
    const index = schedule.issues.findIndex((issue) => issue.id === id || issue.key === id);
    return index >= 0 && schedule.standing(index) === 'queued' ? index : null;
  }
}
