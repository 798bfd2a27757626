import { Context } from '@temporalio/activity';
import type { HostActivities, MainActivities } from '../../../activities/index.ts';
import {
  noUsage,
  type AttemptInput,
  type AttemptResult,
  type Prepared,
  type PrepareInput,
} from '../../../workflows/domain/attempt.ts';
import type { CiReading } from '../../../workflows/domain/forge/ci.ts';
import type { FiledBefore } from '../../../workflows/domain/plan/filing.ts';
import type { PlanIssue } from '../../../workflows/domain/issue.ts';
import type { LandResult } from '../../../workflows/domain/forge/delivery.ts';

/** Name of a step that an activity does. */
export type StepName = keyof HostActivities | keyof MainActivities;

/** What a scripted world answers; every hook may be left out, and then all goes well at the first try. */
export interface Script {
  /** Before anything else of a step: may throw what the step would throw, or hold it up. */
  readonly on?: (step: StepName, input: unknown) => Promise<void> | void;
  /** Issues of further plan documents, by digest; any other digest is the plan of the world. */
  readonly plans?: Readonly<Record<string, readonly PlanIssue[]>>;
  /** Issues of one page of a plan. */
  readonly pageSize?: number;
  /** Issues that the plan itself calls done. */
  readonly skips?: readonly string[];
  readonly prepare?: (input: PrepareInput) => Promise<Prepared | null>;
  readonly agent?: (input: AttemptInput) => Promise<Partial<AttemptResult>> | Partial<AttemptResult>;
  readonly checks?: (head: string, call: number) => boolean;
  /** `time`: from 1. */
  readonly land?: (key: string, time: number) => LandResult;
  /** What CI says of a head at the nth look; left out: green. */
  readonly ci?: (head: string, look: number) => Partial<CiReading['ci']> & Pick<CiReading, 'pull'>;
  /** Whether failed checks can be started again. */
  readonly rerun?: boolean;
  /** What of the plan is on the forge before it is filed. */
  readonly filed?: FiledBefore;
}

/** Activities that act on nothing but memory: for workflow tests and for measuring the workflows alone. */
export function createMemoryActivities(issues: readonly PlanIssue[], script: Script = {}) {
  const log: string[] = [];
  const attempts: AttemptInput[] = [];
  const running = new Set<string>();
  const pairs = new Set<string>();
  let most = 0;
  let checked = 0;
  let looks = 0;
  const document = { sha256: '0'.repeat(64), bytes: 1 };
  const note = (what: string) => void log.push(what);

  const host: HostActivities = {
    async prepareIssue(input) {
      note(`prepare ${input.issue.key}`);
      const prepared = await script.prepare?.(input);
      return (
        prepared ?? {
          kind: 'ready',
          host: 'memory',
          title: `title of ${input.issue.id}`,
          branch: `millrace/${input.issue.key}`,
          base: { branch: 'main', sha: 'base', start: input.dependencies[0]?.sha ?? 'base' },
          attempt: 1,
          pullRequest: null,
        }
      );
    },
    async runAgent(input) {
      note(`${input.role} ${input.issue.key}`);
      attempts.push(input);
      for (const other of running) pairs.add([other, input.issue.key].sort().join(' '));
      running.add(input.issue.key);
      most = Math.max(most, running.size);
      try {
        const answer = (await script.agent?.(input)) ?? {};
        const end =
          input.role === 'review'
            ? ({ kind: 'reviewed', verdict: 'approved', findings: 0, review: document } as const)
            : ({ kind: 'worked', claim: 'completed' } as const);
        return {
          version: 1,
          end,
          session: input.session.id,
          head: input.role === 'review' ? input.head : `${input.issue.key}-${input.attempt}`,
          changed: input.role !== 'review',
          ref: `refs/millrace/${input.issue.key}/${input.attempt}`,
          summary: 'done',
          usage: noUsage,
          durationMs: 1,
          ...answer,
        };
      } finally {
        running.delete(input.issue.key);
      }
    },
    async runChecks(input) {
      note(`check ${input.issue.key}`);
      const passed = script.checks?.(input.head, ++checked) ?? true;
      return { passed, checks: [{ name: 'test', passed, durationMs: 1 }], document };
    },
    async publishWork(input) {
      note(`publish ${input.issue.key} ${input.head}`);
    },
    async cleanUp() {
      return { version: 1, items: [] };
    },
    async removeWorktree(input) {
      note(`remove ${input.issue.key}`);
    },
  };

  const main: MainActivities = {
    async loadPlan({ plan, cursor }) {
      const all = script.plans?.[plan] ?? issues;
      const page = all.slice(cursor, cursor + (script.pageSize ?? 500));
      const next = cursor + page.length;
      const skips = page.filter(({ key }) => script.skips?.includes(key));
      return {
        issues: [...page],
        skips: skips.map(({ key }) => ({ key, reason: 'status: completed' })),
        next: next < all.length ? next : null,
      };
    },
    async listOpenIssues({ keys }) {
      return [...keys];
    },
    async readFiled() {
      return script.filed ?? { issues: [], missing: [] };
    },
    async fileIssue(input) {
      note(`file ${input.key}${input.blockedBy.map((number) => ` #${number}`).join('')}`);
      const number = 1 + issues.findIndex((issue) => issue.key === input.key);
      return { key: input.key, number, url: null, state: 'open', how: 'filed' };
    },
    async openPullRequest(input) {
      note(`pull ${input.issue.key}`);
      return { number: 1 + issues.findIndex((issue) => issue.key === input.issue.key), url: null };
    },
    async acceptWork(input) {
      note(`accept ${input.issue.key}`);
    },
    async recordOutcome(input) {
      note(`record ${input.issue.key} ${input.outcome.kind}`);
    },
    async listPulls() {
      return [];
    },
    async postReview(input) {
      note(`post ${input.issue.key} ${input.round}`);
    },
    async announceIssue(input) {
      note(`announce ${input.issue.key} ${input.standing}`);
    },
    async readCi({ issue, head }) {
      looks += 1;
      note(`ci ${issue.key}`);
      const { pull, ...ci } = script.ci?.(head, looks) ?? { pull: null };
      return { pull, ci: { sha: head, overall: 'success', complete: true, checks: [], ...ci } };
    },
    async rerunCi({ issue }) {
      note(`rerun ${issue.key}`);
      return script.rerun ?? false;
    },
    async gatherCiFailure({ issue }) {
      note(`logs ${issue.key}`);
      return document;
    },
    async disarmMerge({ issue }) {
      note(`disarm ${issue.key}`);
    },
    async landPullRequest(input) {
      note(`land ${input.issue.key}`);
      const time = log.filter((each) => each === `land ${input.issue.key}`).length;
      return script.land?.(input.issue.key, time) ?? { kind: 'landed', sha: `landed-${input.issue.key}` };
    },
  };
  return {
    host: hooked(host, script),
    main: hooked(main, script),
    log,
    /** Every invocation of an agent, as it was asked for. */
    attempts,
    /** Most agents that ran at once. */
    most: () => most,
    /** Keys of the issues whose agents run now. */
    running: (): readonly string[] => [...running],
    /** Whether agents of both issues ever ran at the same time. */
    met: (a: string, b: string) => pairs.has([a, b].sort().join(' ')),
  };
}

export type MemoryActivities = ReturnType<typeof createMemoryActivities>;

function hooked<T extends object>(activities: T, script: Script): T {
  const { on } = script;
  if (!on) return activities;
  const entries = Object.entries(activities).map(([name, act]: [string, (input: unknown) => Promise<unknown>]) => [
    name,
    async (input: unknown) => {
      await on(name as StepName, input);
      return act(input);
    },
  ]);
  return Object.fromEntries(entries) as T;
}

/** Holds a step up, alive, until a promise is kept; for ever without one. Ends with the step's cancellation. */
export async function hold(until?: Promise<void>): Promise<void> {
  const context = Context.current();
  const beat = setInterval(() => context.heartbeat(), 100);
  try {
    await Promise.race([context.cancelled, ...(until ? [until] : [])]);
  } finally {
    clearInterval(beat);
  }
}

/** A promise, and the key to it. */
export function createGate(): { readonly opened: Promise<void>; open(): void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

/** An issue of a plan, with what a test says about it. */
export function planned(id: string, facts: Partial<PlanIssue> = {}): PlanIssue {
  return { id, key: id, title: `Issue ${id}`, priority: 'medium', dependencies: [], files: [], ...facts };
}
