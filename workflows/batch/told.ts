import type { BatchFacts, BatchInput, BatchResult, BatchStatus } from '../domain/batch/batch.ts';
import { describeWaiting, whyQueued, type Schedule } from '../domain/batch/schedule.ts';
import { encodeStandings, outcomeFor } from '../domain/batch/standing.ts';
import type { OutcomeKind } from '../domain/outcome.ts';
import type { BatchAccount } from './account.ts';
import type { ApprovedWork } from './approved-work.ts';
import type { Steering } from './steering.ts';
import type { BatchWindow } from './window.ts';

/** The parts of a batch that are told of. */
interface ToldParts {
  readonly schedule: Schedule;
  readonly account: BatchAccount;
  readonly work: ApprovedWork;
  readonly steering: Steering;
  readonly window: BatchWindow;
}

/** Builds what one run of a batch tells: to people, as its result, and to the next run. */
export function createTold(input: BatchInput, { schedule, account, work, steering, window }: ToldParts) {
  const { batch } = input;
  const startedAt = input.carried?.startedAt ?? Date.now();
  let shown = '';

  const facts = (): BatchFacts => ({
    version: 1,
    batch,
    control: steering.control(),
    width: steering.width(),
    atRest: window.isAtRest(),
    plans: steering.plans(),
    spentUsd: account.spentUsd(),
    budget: account.budget(),
  });

  /** Why a queued issue does not start. */
  function why(index: number): string {
    const waiting = schedule.waiting(index);
    return whyQueued(waiting, steering.control(), () => account.why() ?? describeWaiting(waiting));
  }

  /** Issues that have no workflow which could tell what became of them. */
  function apart(): Pick<BatchResult, 'refused' | 'dropped'> {
    const refused = [...window.refused()].map(([index, why]) => ({ key: window.keyOf(index), why }));
    const dropped = Array.from(steering.dropped(), window.keyOf);
    return { ...(refused.length > 0 ? { refused } : {}), ...(dropped.length > 0 ? { dropped } : {}) };
  }

  return {
    facts,
    status: (): BatchStatus => ({
      ...facts(),
      waiting: schedule.issues.flatMap(({ key }, index) =>
        schedule.standing(index) === 'queued' ? [{ key, why: why(index) }] : [],
      ),
      ...apart(),
    }),
    /** How many issues stand how. */
    counts() {
      const counts: Record<string, number> = {};
      for (const standing of schedule.standings()) counts[standing] = (counts[standing] ?? 0) + 1;
      return counts;
    },
    /** The stage to show; null: it is shown already. */
    newStage(): string | null {
      const stage = window.isOver() ? 'done' : window.isAtRest() ? 'waiting (human)' : steering.control();
      if (stage === shown) return null;
      shown = stage;
      return stage;
    },

    result(): BatchResult {
      const counts: Partial<Record<OutcomeKind, number>> = {};
      for (const standing of schedule.standings()) {
        const kind = outcomeFor(standing);
        counts[kind] = (counts[kind] ?? 0) + 1;
      }
      return {
        version: 1,
        batch,
        counts,
        durationMs: Date.now() - startedAt,
        costUsd: account.spentUsd(),
        plans: steering.plans(),
        adopted: Array.from(window.adopted(), window.keyOf),
        ...apart(),
      };
    },
    /** What the next run of this batch is started with. */
    carry: (): BatchInput => ({
      ...input,
      plans: steering.plans(),
      width: steering.width(),
      carried: {
        standings: encodeStandings(schedule.standings()),
        released: schedule.released(),
        work: work.carry(),
        ...account.carry(),
        control: steering.control(),
        startedAt,
        adopted: [...window.adopted()],
        ...(window.refused().size > 0 ? { refused: [...window.refused()] } : {}),
        ...(steering.dropped().size > 0 ? { dropped: [...steering.dropped()] } : {}),
      },
    }),
  };
}
