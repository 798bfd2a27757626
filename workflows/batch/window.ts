import type { BatchInput, Settled } from '../domain/batch/batch.ts';
import type { Schedule } from '../domain/batch/schedule.ts';
import { isOpen, standingFor } from '../domain/batch/standing.ts';
import type { IssueInput } from '../domain/run.ts';
import type { PlanContents } from '../read-plan.ts';
import type { BatchAccount } from './account.ts';
import type { ApprovedWork } from './approved-work.ts';
import type { Steering } from './steering.ts';

/** The sliding window of a batch: which issue gets a slot next, and where each one came to rest. */
export type BatchWindow = ReturnType<typeof createWindow>;

/** What the window decides by; `touch` tells whoever waits that something changed. */
interface WindowParts {
  readonly schedule: Schedule;
  readonly account: BatchAccount;
  readonly work: ApprovedWork;
  readonly steering: Steering;
  readonly touch: () => void;
}

/** Builds the window of one run of a batch; its plans are added first. Issues are named by their index in the plans. */
export function createWindow(input: BatchInput, { schedule, account, work, steering, touch }: WindowParts) {
  const planOf = new Map<number, string>();
  const adopted = new Set<number>(input.carried?.adopted);
  const refused = new Map<number, string>(input.carried?.refused);
  let cancelled = false;
  let begun = false;

  const busy = () => schedule.count('running');
  const isWorking = () => schedule.count('running', 'returning', 'parked') > 0;
  const mayStart = () => steering.control() === 'running' && busy() < steering.width() && account.isOpen();

  function take(index: number | undefined): number | undefined {
    if (index !== undefined) schedule.set(index, 'running');
    return index;
  }

  /** Its workflow is gone without a word; an issue that had told how it ended keeps that. */
  function lost(index: number): void {
    if (!isOpen(schedule.standing(index))) return;
    schedule.set(index, cancelled ? 'cancelled' : 'failed');
    touch();
  }

  return {
    add({ plan, issues, skips }: PlanContents) {
      const skipped = new Map(skips.map(({ key, satisfies = true }) => [key, satisfies]));
      for (const index of schedule.add(issues)) {
        planOf.set(index, plan);
        const satisfies = skipped.get(schedule.issues[index]!.key);
        if (satisfies !== undefined) schedule.set(index, satisfies ? 'skipped' : 'unmet');
      }
    },
    /** The plans are read: from now on an empty window means rest. */
    begin() {
      begun = true;
    },
    begun: () => begun,

    /** Takes a slot for an issue that had one before; undefined: none can have one now. */
    takeReturning(): number | undefined {
      if (steering.control() === 'paused' || busy() >= steering.width()) return undefined;
      return take(schedule.nextReturning());
    },
    /** Takes a slot for the most urgent ready issue; undefined: none can start now. */
    takeReady: () => (mayStart() ? take(schedule.next()) : undefined),

    keyOf: (index: number) => schedule.issues[index]!.key,
    /** What an issue's workflow is started with now. */
    issueInput(index: number): IssueInput {
      const { id, key, title, priority, pin } = schedule.issues[index]!;
      const { batch, repo, settings, forge } = input;
      return {
        version: 1,
        issue: { batch, repo, settings, plan: planOf.get(index)!, id, key },
        title,
        priority,
        forge,
        ...account.terms(),
        ...(pin ? { pin } : {}),
        dependencies: work.below(index),
        rerun: null,
      };
    },

    /** An issue told where it came to rest. */
    settle(settled: Settled) {
      const index = schedule.index(settled.key);
      if (index === undefined) return;
      const standing = standingFor(settled);
      schedule.set(index, standing);
      account.settle(settled);
      work.settle(index, standing, settled);
      touch();
    },
    /** An issue that gave its slot back wants one again. */
    wantSlot(key: string) {
      const index = schedule.index(key);
      if (index !== undefined && schedule.standing(index) !== 'running') schedule.set(index, 'returning');
      touch();
    },
    /** Another batch had started it, and it will tell this one too. */
    adopt: (index: number) => void adopted.add(index),
    /** Another batch works on it, and this one can never hear what comes of it. */
    refuse(index: number, why: string) {
      refused.set(index, why);
      lost(index);
    },
    lost,
    /** Issues whose workflow is open, as far as the batch knows. */
    open: (): readonly number[] => schedule.standings().flatMap((standing, index) => (isOpen(standing) ? [index] : [])),

    /** Starts nothing more, and cancels what never ran; adopted issues are cancelled for this batch alone. */
    cancel() {
      cancelled = true;
      steering.setControl('stopped');
      schedule.standings().forEach((standing, index) => {
        if (standing === 'queued' || (isOpen(standing) && adopted.has(index))) schedule.set(index, 'cancelled');
      });
    },

    /** Nothing works, and nothing is left that could. */
    isOver(): boolean {
      if (isWorking() || steering.hasAdded()) return false;
      return schedule.count('queued') === 0 || steering.control() === 'stopped';
    },
    /** Nothing works and nothing can start before a person does something. */
    isAtRest(): boolean {
      if (!begun || isWorking() || steering.control() === 'paused') return false;
      return account.isSpent() || schedule.next() === undefined;
    },

    /** Issues that another batch had started. */
    adopted: (): ReadonlySet<number> => adopted,
    /** Issues that this batch could neither start nor wait for, and why. */
    refused: (): ReadonlyMap<number, string> => refused,
  };
}
