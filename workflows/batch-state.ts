import { condition, sleep } from '@temporalio/workflow';
import type { BatchControl, BatchInput, BatchResult, BatchStatus, Settled } from './domain/batch.ts';
import type { DependencyWork, PlanIssue } from './domain/issue.ts';
import { outcomeKinds, type OutcomeKind } from './domain/outcome.ts';
import type { IssueInput } from './domain/run.ts';
import { createSchedule, decodeStandings, encodeStandings, type Standing, type Waiting } from './domain/schedule.ts';
import type { Landing } from './domain/settings.ts';

/** How often the batch looks whether what counts as running still does: a terminated issue tells nobody. */
const LOOK_MS = 10 * 60_000;

/** How long a batch at rest waits for a person before it ends with what it has. */
const PATIENCE_MS = 14 * 24 * 3_600_000;

/** A batch's facts and decisions; the workflow asks it what to do and tells it what happened. */
export type BatchState = ReturnType<typeof createBatchState>;

/** Standings of issues whose workflow is open. */
const open: readonly Standing[] = ['running', 'returning', 'parked', 'manual'];

/** Whether an approved issue still has to land before its dependents start. */
function lands(landing: Landing): boolean {
  switch (landing) {
    case 'none':
    case 'consolidated':
      return false;
    case 'auto-merge':
    case 'merge':
    case 'direct':
      return true;
  }
}

/** Builds the state of one run of a batch, from its start or from what the run before it carried over. */
export function createBatchState(input: BatchInput) {
  const { carried } = input;
  const schedule = createSchedule([], {
    lands: lands(input.policy.landing),
    standings: carried ? decodeStandings(carried.standings) : [],
    released: carried?.released ?? [],
  });
  const planOf: string[] = [];
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
  let spentUsd = carried?.spentUsd ?? 0;
  let shown = '';
  let begun = false;
  let changes = 0;
  let timer: Promise<void> | null = null;
  let seen = 0;

  const profile = () => input.policy.roles.implement[0] as string;
  const busy = () => schedule.count('running');
  const quotaUntil = () => Math.max(0, parked.get(profile()) ?? 0);
  const budgetSpent = () => input.policy.budgetUsd !== null && spentUsd >= input.policy.budgetUsd;
  const mayStart = () => control === 'running' && busy() < width && quotaUntil() <= Date.now() && !budgetSpent();
  const touch = () => void changes++;

  const state = {
    input,
    issue: (index: number): PlanIssue => schedule.issues[index]!,

    add(issues: readonly PlanIssue[], from: { plan: string; skips: readonly { key: string; reason: string }[] }) {
      const first = schedule.issues.length;
      schedule.add(issues);
      for (const _ of issues) planOf.push(from.plan);
      for (const { key } of from.skips) {
        const index = schedule.index(key);
        if (index !== undefined && index >= first) schedule.set(index, 'skipped');
      }
    },
    /** The plans are read: from now on an empty window means rest. */
    begin() {
      begun = true;
    },
    wantPlan(plan: string) {
      plans.push(plan);
      added.push(plan);
      touch();
    },
    takeAdded: () => added.shift(),

    /** Takes a slot for an issue that had one before. */
    takeReturning(): number | undefined {
      if (control === 'paused' || busy() >= width) return undefined;
      const index = schedule.standings().indexOf('returning');
      if (index < 0) return undefined;
      schedule.set(index, 'running');
      return index;
    },
    /** Takes a slot for the most urgent ready issue. */
    takeReady(): number | undefined {
      if (!mayStart()) return undefined;
      const index = schedule.next();
      if (index !== undefined) schedule.set(index, 'running');
      return index;
    },
    issueInput(index: number): IssueInput {
      const issue = schedule.issues[index]!;
      const { batch, repo, settings, forge, policy } = input;
      return {
        version: 1,
        issue: { batch, repo, settings, plan: planOf[index]!, id: issue.id, key: issue.key },
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
      schedule.set(index, standingFor(settled));
      spentUsd += settled.kind === 'parked' || settled.kind === 'needs-manual-review' ? 0 : settled.costUsd;
      if (settled.sha !== null && (settled.kind === 'approved' || settled.kind === 'skipped')) {
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
      parked.set(name, Math.max(until, parked.get(name) ?? 0));
      touch();
    },
    /** Another batch had started it. */
    adopt: (index: number) => void adopted.add(index),
    lost(index: number) {
      schedule.set(index, 'failed');
      touch();
    },
    /** Settles what counts as open and is not among the open keys. */
    settleLost(openKeys: ReadonlySet<string>) {
      schedule.issues.forEach((issue, index) => {
        if (open.includes(schedule.standing(index)) && !openKeys.has(issue.key)) state.lost(index);
      });
    },
    openKeys: () =>
      schedule.issues.filter((_, index) => open.includes(schedule.standing(index))).map((issue) => issue.key),

    setWidth(to: number) {
      width = to;
      touch();
    },
    setControl(to: BatchControl) {
      control = to;
      touch();
    },
    stop: () => state.setControl('stopped'),
    release(id: string): boolean {
      const index = schedule.issues.findIndex((issue) => issue.id === id || issue.key === id);
      if (index < 0 || schedule.standing(index) !== 'queued') return false;
      schedule.release(index);
      touch();
      return true;
    },
    control: () => control,
    width: () => width,

    /** Waits until something changes. False: nothing did, and it is time for a look. */
    async changed(): Promise<boolean> {
      const patience = state.isAtRest()
        ? PATIENCE_MS
        : quotaUntil() > Date.now()
          ? quotaUntil() - Date.now() + 1
          : null;
      if (patience !== null) await condition(() => changes !== seen, patience);
      else await ticked();
      const happened = changes !== seen;
      seen = changes;
      return happened;
    },
    isOver: () =>
      schedule.count('running', 'returning', 'parked') === 0 &&
      (schedule.count('queued') === 0 || control === 'stopped'),
    /** Nothing runs and nothing can start before a person does something. */
    isAtRest: () =>
      begun &&
      schedule.count('running', 'returning', 'parked') === 0 &&
      control !== 'paused' &&
      (budgetSpent() || schedule.next() === undefined),
    /** The stage to show; null: it is shown already. */
    newStage(): string | null {
      const stage = state.isOver() ? 'done' : state.isAtRest() ? 'waiting (human)' : control;
      if (stage === shown) return null;
      shown = stage;
      return stage;
    },

    status: (): BatchStatus => ({
      version: 1,
      batch: input.batch,
      control,
      width,
      atRest: state.isAtRest(),
      plans,
      spentUsd,
      waiting: schedule.issues.flatMap((issue, index) =>
        schedule.standing(index) === 'queued' ? [{ key: issue.key, why: why(index) }] : [],
      ),
    }),
    counts() {
      const counts: Record<string, number> = {};
      for (const standing of schedule.standings()) counts[standing] = (counts[standing] ?? 0) + 1;
      return counts;
    },
    carry: (): BatchInput => ({
      ...input,
      plans,
      width,
      carried: {
        standings: encodeStandings(schedule.standings()),
        released: schedule.released(),
        work: [...work]
          .filter(([index]) => schedule.dependents(index).some((each) => schedule.standing(each) === 'queued'))
          .map(([index, { sha, pullRequest }]) => [index, sha, pullRequest] as const),
        spentUsd,
        control,
        parked: Object.fromEntries(parked),
        startedAt,
        adopted: [...adopted],
      },
    }),
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

  /** Waits for a change or for the next look; one timer serves many changes, since each costs two events. */
  async function ticked(): Promise<void> {
    timer ??= sleep(LOOK_MS).then(
      () => void (timer = null),
      () => void (timer = null),
    );
    await condition(() => changes !== seen || timer === null);
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
    if (budgetSpent()) return `the batch's budget of $${input.policy.budgetUsd} is spent`;
    if (quotaUntil() > Date.now())
      return `quota of profile ${profile()} is used up until ${new Date(quotaUntil()).toISOString()}`;
    return describeWaiting(waiting);
  }

  return state;
}

function standingFor(settled: Settled): Standing {
  switch (settled.kind) {
    case 'needs-manual-review':
      return 'manual';
    case 'skipped':
      // An approved pull request that is still open counts as approved work.
      return settled.satisfies ? (settled.sha === null ? 'skipped' : 'approved') : 'unmet';
    case 'parked':
    case 'approved':
    case 'landed':
    case 'no-change':
    case 'review-failed':
    case 'failed':
    case 'cancelled':
      return settled.kind;
  }
}

function outcomeFor(standing: Standing): OutcomeKind {
  if (standing === 'manual') return 'needs-manual-review';
  return outcomeKinds.find((kind) => kind === standing) ?? 'skipped';
}

function describeWaiting(waiting: Waiting): string {
  switch (waiting.kind) {
    case 'dependency':
      return `waits for ${waiting.on.map(({ id, standing }) => `${id} (${standing === 'manual' ? 'needs-manual-review' : standing})`).join(', ')}`;
    case 'files':
      return `expected to touch the same files as ${waiting.with}`;
    case 'slot':
      return 'waits for a slot';
  }
}
