import type { BatchControl, BatchFacts, BatchInput, BatchResult, BatchStatus, Settled } from './domain/batch.ts';
import type { DependencyWork, PlanIssue } from './domain/issue.ts';
import type { OutcomeKind } from './domain/outcome.ts';
import type { IssueInput } from './domain/run.ts';
import { createSchedule, describeWaiting } from './domain/schedule.ts';
import { budgetsOf, lands } from './domain/settings.ts';
import { decodeStandings, encodeStandings, isOpen, outcomeFor, standingFor } from './domain/standing.ts';

/** Approved work that a batch carries over besides what queued issues need: for issues added later, 60 KB at most. */
const SPARE_WORK = 1_000;

/** A batch's facts and decisions; the workflow asks it what to do and tells it what happened. */
export type BatchState = ReturnType<typeof createBatchState>;

/** Issues of one plan document, all pages of it. */
export interface LoadedPlan {
  readonly plan: string;
  readonly issues: readonly PlanIssue[];
  /** Keys of those that the plan itself calls done. */
  readonly skips: readonly string[];
}

/** Builds the state of one run of a batch, from its start or from what the run before it carried over. */
export function createBatchState(input: BatchInput) {
  const { carried } = input;
  const schedule = createSchedule([], {
    lands: lands(input.policy.landing),
    standings: carried ? decodeStandings(carried.standings) : [],
    released: carried?.released ?? [],
  });
  const planOf = new Map<number, string>();
  const work = new Map<number, { sha: string; pullRequest: number | null }>(
    carried?.work.map(([index, sha, pullRequest]) => [index, { sha, pullRequest }]),
  );
  const parked = new Map(Object.entries(carried?.parked ?? {}));
  const adopted = new Set<number>(carried?.adopted);
  const added: string[] = [];
  const plans = [...input.plans];
  const startedAt = carried?.startedAt ?? Date.now();
  let width = input.width;
  let control: BatchControl = carried?.control ?? 'running';
  let cancelled = false;
  let spentUsd = carried?.spentUsd ?? 0;
  let shown = '';
  let begun = false;
  let changes = 0;

  const profile = () => input.policy.roles.implement[0] as string;
  const busy = () => schedule.count('running');
  const working = () => schedule.count('running', 'returning', 'parked') > 0;
  const quotaUntil = () => parked.get(profile()) ?? 0;
  const budgetUsd = budgetsOf(input.policy).batch.costUsd;
  const budgetSpent = () => budgetUsd !== null && spentUsd >= budgetUsd;
  const mayStart = () => control === 'running' && busy() < width && quotaUntil() <= Date.now() && !budgetSpent();
  const touch = () => void changes++;

  const state = {
    input,
    issue: (index: number): PlanIssue => schedule.issues[index]!,
    /** Grows with everything that happens; whoever waits compares. */
    changes: () => changes,
    quotaUntil,

    add({ plan, issues, skips }: LoadedPlan) {
      const called = new Set(skips);
      for (const index of schedule.add(issues)) {
        planOf.set(index, plan);
        if (called.has(schedule.issues[index]!.key)) schedule.set(index, 'skipped');
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
      const { batch, repo, settings, forge, policy } = input;
      return {
        version: 1,
        issue: { batch, repo, settings, plan: planOf.get(index)!, id: issue.id, key: issue.key },
        title: issue.title,
        priority: issue.priority,
        forge,
        policy,
        dependencies: dependencyWork(index),
        rerun: null,
      };
    },

    settle(settled: Settled) {
      const index = schedule.index(settled.key);
      if (index === undefined) return;
      const standing = standingFor(settled);
      schedule.set(index, standing);
      spentUsd += settled.costUsd;
      if (standing === 'approved' && settled.sha !== null) {
        work.set(index, { sha: settled.sha, pullRequest: settled.pullRequest });
      } else work.delete(index);
      touch();
    },
    wantSlot(key: string) {
      const index = schedule.index(key);
      if (index !== undefined && schedule.standing(index) !== 'running') schedule.set(index, 'returning');
      touch();
    },
    park(name: string, until: number) {
      if (until === 0) parked.delete(name);
      else parked.set(name, Math.max(until, parked.get(name) ?? 0));
      touch();
    },
    /** Another batch had started it. */
    adopt: (index: number) => void adopted.add(index),
    /** Its workflow is gone without a word; one that had told how it ended keeps that. */
    lost(index: number) {
      if (!isOpen(schedule.standing(index))) return;
      schedule.set(index, cancelled ? 'cancelled' : 'failed');
      touch();
    },
    /** Indexes of issues whose workflow is open, as far as the batch knows. */
    open: (): readonly number[] => schedule.standings().flatMap((standing, index) => (isOpen(standing) ? [index] : [])),

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
    release(id: string): boolean {
      const index = schedule.issues.findIndex((issue) => issue.id === id || issue.key === id);
      if (index < 0 || schedule.standing(index) !== 'queued') return false;
      schedule.release(index);
      touch();
      return true;
    },
    control: () => control,
    width: () => width,

    isOver: () => !working() && added.length === 0 && (schedule.count('queued') === 0 || control === 'stopped'),
    /** Nothing runs and nothing can start before a person does something. */
    isAtRest: () => begun && !working() && control !== 'paused' && (budgetSpent() || schedule.next() === undefined),
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
      spentUsd,
    }),
    status: (): BatchStatus => ({
      ...state.facts(),
      waiting: schedule.issues.flatMap((issue, index) =>
        schedule.standing(index) === 'queued' ? [{ key: issue.key, why: why(index) }] : [],
      ),
    }),
    counts() {
      const counts: Record<string, number> = {};
      for (const standing of schedule.standings()) counts[standing] = (counts[standing] ?? 0) + 1;
      return counts;
    },
    carry(): BatchInput {
      const needed = (index: number) => schedule.dependents(index).some((each) => schedule.standing(each) === 'queued');
      const spare = [...work.keys()].filter((index) => !needed(index)).slice(0, -SPARE_WORK);
      const dropped = new Set(spare);
      return {
        ...input,
        plans,
        width,
        carried: {
          standings: encodeStandings(schedule.standings()),
          released: schedule.released(),
          work: [...work].flatMap(([index, { sha, pullRequest }]) =>
            dropped.has(index) ? [] : [[index, sha, pullRequest] as const],
          ),
          spentUsd,
          control,
          parked: Object.fromEntries(parked),
          startedAt,
          adopted: [...adopted],
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
        costUsd: spentUsd,
        plans,
        adopted: [...adopted].map((index) => schedule.issues[index]!.key),
      };
    },
  };

  function run(index: number | undefined): number | undefined {
    if (index !== undefined) schedule.set(index, 'running');
    return index;
  }

  function dependencyWork(index: number): DependencyWork[] {
    return schedule.dependencies(index).flatMap((each) => {
      const done = work.get(each);
      const { id, key } = schedule.issues[each]!;
      return done ? [{ id, key, sha: done.sha, pullRequest: done.pullRequest }] : [];
    });
  }

  function why(index: number): string {
    if (control === 'stopped') return 'the batch was stopped';
    const waiting = schedule.waiting(index);
    if (waiting.kind !== 'slot') return describeWaiting(waiting);
    if (control === 'paused') return 'the batch is paused';
    if (budgetSpent()) return `the batch's budget of $${budgetUsd} is spent`;
    if (quotaUntil() > Date.now())
      return `quota of profile ${profile()} is used up until ${new Date(quotaUntil()).toISOString()}`;
    return describeWaiting(waiting);
  }

  return state;
}
