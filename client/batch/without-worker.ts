import { status } from '@grpc/grpc-js';
import type { WorkflowHandle } from '@temporalio/client';
import { createSchedule, describeWaiting, type Waiting } from '../../workflows/domain/batch/schedule.ts';
import type { BatchControl, BatchStatus } from '../../workflows/domain/batch/batch.ts';
import type { Standing } from '../../workflows/domain/batch/standing.ts';
import type { IssueDocument } from '../../workflows/domain/issue.ts';
import { lands } from '../../workflows/domain/settings.ts';
import { batchQuery } from '../../workflows/messages.ts';
import type { Session } from '../session/session.ts';
import { runningWorker } from '../state/running.ts';
import type { BatchMemory } from './history.ts';
import type { IssueView } from './issue-view.ts';

/** A connection over which batches are read, and the state folder that their documents lie in. */
export type Reading = Pick<Session, 'client' | 'stateRoot' | 'embedded'>;

/** Why a batch could not be asked where it stands. */
export type Unanswered = 'no worker runs' | 'no worker answers';

/** A worker that lives answers a question within a second. */
const ANSWER_MS = 3_000;

/** Asks a batch where it stands; only a worker can answer for it. @throws where the server itself does not answer. */
export async function askBatch(
  { client, stateRoot, embedded }: Reading,
  handle: WorkflowHandle,
): Promise<BatchStatus | Unanswered> {
  // Nobody but the worker of this state folder polls an embedded server: then the question would only take its time.
  if (embedded && (await runningWorker(stateRoot)) === null) return 'no worker runs';
  try {
    return await client.withDeadline(Date.now() + ANSWER_MS, () => handle.query(batchQuery));
  } catch (error) {
    if (isUnanswered(error)) return 'no worker answers';
    throw error;
  }
}

function isUnanswered(error: unknown): boolean {
  for (let each = error; each instanceof Error; each = each.cause) {
    const { code } = each as { code?: unknown };
    if (code === status.DEADLINE_EXCEEDED || code === status.FAILED_PRECONDITION) return true;
  }
  return false;
}

/** What a batch had decided when a worker last worked on it, by the stage that lists show. */
export function rememberedControl(stage: string): { readonly control: BatchControl; readonly atRest: boolean } {
  if (stage === 'paused' || stage === 'stopped') return { control: stage, atRest: false };
  return { control: 'running', atRest: stage === 'waiting (human)' };
}

/** Why issues that were never started wait, by their keys: worked out from the plan and from how the others stand. */
export function whyWaiting(
  planned: readonly IssueDocument[],
  known: {
    readonly started: ReadonlyMap<string, IssueView>;
    readonly memory: BatchMemory;
    readonly control: BatchControl;
  },
): ReadonlyMap<string, string> {
  const { started, memory, control } = known;
  const dropped = new Set(droppedIn(planned, memory));
  const schedule = createSchedule(planned, {
    lands: lands(memory.input.policy.landing),
    parkedKeepsFiles: memory.input.policy.ci !== undefined,
    standings: planned.map((issue) =>
      dropped.has(issue.key) && !started.has(issue.key) ? 'cancelled' : standingOf(issue, started.get(issue.key)),
    ),
    released: [
      ...(memory.input.carried?.released ?? []),
      ...planned.flatMap(({ id, key }, index) =>
        memory.released.includes(id) || memory.released.includes(key) ? [index] : [],
      ),
    ],
  });
  return new Map(
    planned.flatMap(({ key }, index) =>
      schedule.standing(index) === 'queued' ? [[key, wordsFor(schedule.waiting(index), control)]] : [],
    ),
  );
}

/** Keys of issues that people cancelled before they started, as far as the history of their batch tells. */
export function droppedIn(planned: readonly IssueDocument[], memory: BatchMemory | null): readonly string[] {
  const before = new Set(memory?.input.carried?.dropped);
  const since = new Set(memory?.dropped);
  return planned.flatMap(({ id, key }, index) => (before.has(index) || since.has(id) || since.has(key) ? [key] : []));
}

function wordsFor(waiting: Waiting, control: BatchControl): string {
  if (control === 'stopped') return 'the batch was stopped';
  if (waiting.kind !== 'slot') return describeWaiting(waiting);
  return control === 'paused' ? 'the batch is paused' : 'it starts when a worker runs and a slot is free';
}

function standingOf({ skip }: IssueDocument, view: IssueView | undefined): Standing {
  if (!view) return skip === null ? 'queued' : 'skipped';
  switch (view.outcome) {
    case null:
      return view.stage === 'waiting (quota)' ? 'parked' : 'running';
    case 'needs-manual-review':
      return view.stage === 'done' ? 'unanswered' : 'manual';
    case 'approved':
    case 'landed':
    case 'no-change':
    case 'skipped':
    case 'review-failed':
    case 'failed':
    case 'cancelled':
      return view.outcome;
  }
}

/** An open issue as it stood when a worker last worked on it. */
export function cutOff(
  view: IssueView,
  { startedAt, asOf }: { readonly startedAt: Date; readonly asOf: Date },
): IssueView {
  const durationMs = asOf.getTime() - startedAt.getTime();
  // What passed since then is neither work nor waiting that anybody looked after.
  const since = (view.durationMs ?? durationMs) - durationMs;
  const waitedMs = view.waitedMs === null ? null : Math.max(0, view.waitedMs - since);
  if (view.stage.startsWith('waiting (')) return { ...view, durationMs, waitedMs };
  const reason =
    view.stage === 'queued'
      ? 'it starts when a worker runs'
      : `cut off while ${view.stage}; it goes on when a worker runs`;
  return { ...view, durationMs, waitedMs, reason, lastLine: null, cutOff: true };
}
