import type { Parked } from '../messages.ts';
import { createBatchAccount } from './account.ts';
import { createApprovedWork } from './approved-work.ts';
import type { BatchControl, BatchFacts, BatchInput, BatchResult, BatchStatus, Settled } from '../domain/batch/batch.ts';
import type { PlanIssue } from '../domain/issue.ts';
import type { OutcomeKind } from '../domain/outcome.ts';
import type { IssueInput } from '../domain/run.ts';
import { createSchedule, describeWaiting, type Waiting } from '../domain/batch/schedule.ts';
import { lands, type Budget } from '../domain/settings.ts';
import type { LoadedPlan } from '../read-plan.ts';
import { decodeStandings, encodeStandings, isOpen, outcomeFor, standingFor } from '../domain/batch/standing.ts';

/** A batch's facts and decisions; the workflow asks it what to do and tells it what happened. */
export type BatchState = ReturnType<typeof createBatchState>;

/** Builds the state of one run of a batch, from its start or from what the run before it carried over. */
export function createBatchState(input: BatchInput) {
  const { carried } = input;
  const schedule = createSchedule([], {
    lands: lands(input.policy.landing),
    parkedKeepsFiles: input.policy.ci !== undefined, // batches of earlier versions go on as they began
    standings: carried ? decodeStandings(carried.standings) : [],
    released: carried?.released ?? [],
  });
  const planOf = new Map<number, string>();
  const work = createApprovedWork(schedule, carried);
  const account = createBatchAccount(input);
  const adopted = new Set<number>(carried?.adopted);
  const refused = new Map<number, string>(carried?.refused);
  const dropped = new Set<number>(carried?.dropped);
  const added: string[] = [];
  const plans = [...input.plans];
  const startedAt = carried?.startedAt ?? Date.now();
  let width = input.width;
  let control: BatchControl = carried?.control ?? 'running';
  let cancelled = false;
  let shown = '';
  let begun = false;
  let changes = 0;
  let newBudget: Budget | null = null;

  const busy = () => schedule.count('running');
  const working = () => schedule.count('running', 'returning', 'parked') > 0;
  const mayStart = () => control === 'running' && busy() < width && account.isOpen();
  const touch = () => void changes++;

  const state = {
    input,
    issue: (index: number): PlanIssue => schedule.issues[index]!,
    /** Grows with everything that happens; whoever waits compares. */
    changes: () => changes,
    quotaUntil: account.quotaUntil,

    add({ plan, issues, skips }: LoadedPlan) {
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
    wantPlan(plan: string) {
      plans.push(plan);
      added.push(plan);
      touch();
    },
    takeAdded: () => added.shift(),
    /** People asked for something that was not passed on yet: the next run would not know of it. */
    hasNews: () => added.length > 0 || newBudget !== null,
    /** An added plan that cannot be read is none of this batch. */
    dropPlan: (plan: string) => void plans.splice(plans.lastIndexOf(plan), 1),

    /** Takes a slot for an issue that had one before. */
    takeReturning(): number | undefined {
      if (control === 'paused' || busy() >= width) return undefined;
      return run(schedule.nextReturning());
    },
    /** Takes a slot for the most urgent ready issue. */
    takeReady: () => (mayStart() ? run(schedule.next()) : undefined),
    issueInput(index: number): IssueInput {
      const issue = schedule.issues[index]!;
      const { batch, repo, settings, forge } = input;
      return {
        version: 1,
        issue: { batch, repo, settings, plan: planOf.get(index)!, id: issue.id, key: issue.key },
        title: issue.title,
        priority: issue.priority,
        forge,
        ...account.terms(),
        ...(issue.pin ? { pin: issue.pin } : {}),
        dependencies: work.below(index),
        rerun: null,
      };
    },

    settle(settled: Settled) {
      const index = schedule.index(settled.key);
      if (index === undefined) return;
      const standing = standingFor(settled);
      schedule.set(index, standing);
      account.settle(settled);
      work.settle(index, standing, settled);
      touch();
    },
    wantSlot(key: string) {
      const index = schedule.index(key);
      if (index !== undefined && schedule.standing(index) !== 'running') schedule.set(index, 'returning');
      touch();
    },
    park(parked: Parked) {
      account.park(parked);
      touch();
    },
    /** Another batch had started it. */
    adopt: (index: number) => void adopted.add(index),
    /** Another batch works on it, and this one can never hear what comes of it. */
    refuse(index: number, why: string) {
      refused.set(index, why);
      state.lost(index);
    },
    /** Its workflow is gone without a word; one that had told how it ended keeps that. */
    lost(index: number) {
      if (!isOpen(schedule.standing(index))) return;
      schedule.set(index, cancelled ? 'cancelled' : 'failed');
      touch();
    },
    /** Indexes of issues whose workflow is open, as far as the batch knows. */
    open: (): readonly number[] => schedule.standings().flatMap((standing, index) => (isOpen(standing) ? [index] : [])),

    budget: account.budget,
    /** A budget that the issues under way do not know yet; null: they do. */
    takeNewBudget(): Budget | null {
      const budget = newBudget;
      newBudget = null;
      return budget;
    },
    setBudget(to: Budget) {
      account.setBudget(to);
      newBudget = to;
      touch();
    },
    setWidth(to: number) {
      width = to;
      touch();
    },
    setControl(to: BatchControl) {
      control = to;
      touch();
    },
    /** Nothing starts any more, and what never ran is cancelled; so is, for this batch, what another one had started. */
    cancel() {
      cancelled = true;
      control = 'stopped';
      schedule.standings().forEach((standing, index) => {
        if (standing === 'queued' || (isOpen(standing) && adopted.has(index))) schedule.set(index, 'cancelled');
      });
      touch();
    },
    /** Why an issue is not started yet; null: it was, or there is none of that name. */
    waiting(id: string): Waiting | null {
      const index = queued(id);
      return index === null ? null : schedule.waiting(index);
    },
    release(id: string): boolean {
      const index = queued(id);
      if (index === null) return false;
      schedule.release(index);
      touch();
      return true;
    },
    /** A person cancels an issue before it starts; what depends on it is held. */
    drop(id: string): boolean {
      const index = queued(id);
      if (index === null) return false;
      schedule.set(index, 'cancelled');
      dropped.add(index);
      touch();
      return true;
    },
    control: () => control,
    width: () => width,

    isOver: () => !working() && added.length === 0 && (schedule.count('queued') === 0 || control === 'stopped'),
    /** Nothing runs and nothing can start before a person does something. */
    isAtRest: () => begun && !working() && control !== 'paused' && (account.isSpent() || schedule.next() === undefined),
    /** The stage to show; null: it is shown already. */
    newStage(): string | null {
      const stage = state.isOver() ? 'done' : state.isAtRest() ? 'waiting (human)' : control;
      if (stage === shown) return null;
      shown = stage;
      return stage;
    },

    facts: (): BatchFacts => ({
      version: 1,
      batch: input.batch,
      control,
      width,
      atRest: state.isAtRest(),
      plans,
      spentUsd: account.spentUsd(),
      budget: account.budget(),
    }),
    status: (): BatchStatus => ({
      ...state.facts(),
      waiting: schedule.issues.flatMap((issue, index) =>
        schedule.standing(index) === 'queued' ? [{ key: issue.key, why: why(index) }] : [],
      ),
      ...toldApart(),
    }),
    counts() {
      const counts: Record<string, number> = {};
      for (const standing of schedule.standings()) counts[standing] = (counts[standing] ?? 0) + 1;
      return counts;
    },
    carry(): BatchInput {
      return {
        ...input,
        plans,
        width,
        carried: {
          standings: encodeStandings(schedule.standings()),
          released: schedule.released(),
          work: work.carry(),
          ...account.carry(),
          control,
          startedAt,
          adopted: [...adopted],
          ...(refused.size > 0 ? { refused: [...refused] } : {}),
          ...(dropped.size > 0 ? { dropped: [...dropped] } : {}),
        },
      };
    },
    result(): BatchResult {
      const counts: Partial<Record<OutcomeKind, number>> = {};
      for (const standing of schedule.standings()) {
        const kind = outcomeFor(standing);
        counts[kind] = (counts[kind] ?? 0) + 1;
      }
      return {
        version: 1,
        batch: input.batch,
        counts,
        durationMs: Date.now() - startedAt,
        costUsd: account.spentUsd(),
        plans,
        adopted: [...adopted].map((index) => schedule.issues[index]!.key),
        ...toldApart(),
      };
    },
  };

  function queued(id: string): number | null {
    const index = schedule.issues.findIndex((issue) => issue.id === id || issue.key === id);
    return index >= 0 && schedule.standing(index) === 'queued' ? index : null;
  }

  function run(index: number | undefined): number | undefined {
    if (index !== undefined) schedule.set(index, 'running');
    return index;
  }

  /** Issues that have no workflow of their own which could tell what became of them. */
  function toldApart(): Pick<BatchResult, 'refused' | 'dropped'> {
    const keyOf = (index: number) => schedule.issues[index]!.key;
    return {
      ...(refused.size > 0 ? { refused: [...refused].map(([index, why]) => ({ key: keyOf(index), why })) } : {}),
      ...(dropped.size > 0 ? { dropped: [...dropped].map(keyOf) } : {}),
    };
  }

  function why(index: number): string {
    if (control === 'stopped') return 'the batch was stopped';
    const waiting = schedule.waiting(index);
    if (waiting.kind !== 'slot') return describeWaiting(waiting);
    if (control === 'paused') return 'the batch is paused';
    return account.why() ?? describeWaiting(waiting);
  }

  return state;
}
