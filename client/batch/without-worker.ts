import { status } from '@grpc/grpc-js';
import { createSchedule, whyQueued } from '../../workflows/domain/batch/schedule.ts';
import type { BatchControl, BatchResult, BatchStatus } from '../../workflows/domain/batch/batch.ts';
import type { Standing } from '../../workflows/domain/batch/standing.ts';
import type { IssueDocument } from '../../workflows/domain/issue.ts';
import { lands } from '../../workflows/domain/settings.ts';
import { issueWorkflowId } from '../../workflows/ids.ts';
import { batchQuery } from '../../workflows/messages.ts';
import type { BatchHandle } from '../../workflows/starts.ts';
import type { Session } from '../session/session.ts';
import { runningWorker } from '../state/running.ts';
import type { BatchMemory } from './history.ts';
import type { IssueView } from '../issue/view.ts';

/** A connection over which batches are read, and the state folder that their documents lie in. */
export type ReaderDeps = Pick<Session, 'client' | 'stateRoot' | 'embedded'>;

/** Why a batch could not be asked where it stands. */
export type Unanswered = 'no worker runs' | 'no worker answers';

/** A worker that lives answers a question within a second. */
const ANSWER_MS = 3_000;

/** Asks a batch where it stands; only a worker can answer for it. @throws where the server itself does not answer. */
export async function askBatch(
  { client, stateRoot, embedded }: ReaderDeps,
  handle: BatchHandle,
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

/** What a batch decided on issues that it never started, as its status would tell it. */
export function rememberedIssues(
  planned: readonly IssueDocument[],
  { input, foreign, dropped }: BatchMemory,
): Pick<BatchResult, 'adopted' | 'refused' | 'dropped'> {
  const { carried } = input;
  const isForeign = ({ key }: IssueDocument) => foreign.includes(issueWorkflowId(input.repo, key));
  const keysOf = (is: (issue: IssueDocument, index: number) => boolean) => planned.filter(is).map(({ key }) => key);
  return {
    adopted: keysOf((issue, index) => isForeign(issue) || carried?.adopted?.includes(index) === true),
    dropped: keysOf(
      ({ id, key }, index) =>
        dropped.includes(id) || dropped.includes(key) || carried?.dropped?.includes(index) === true,
    ),
    refused: (carried?.refused ?? []).flatMap(([index, why]) => {
      const issue = planned[index];
      return issue ? [{ key: issue.key, why }] : [];
    }),
  };
}

/** Why an issue waits that nothing holds. */
const NO_WORKER = 'it starts when a worker runs and a slot is free';

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
  const { dropped = [] } = rememberedIssues(planned, memory);
  const schedule = createSchedule(planned, {
    lands: lands(memory.input.policy.landing),
    parkedKeepsFiles: memory.input.policy.ci !== undefined,
    standings: planned.map((issue) =>
      dropped.includes(issue.key) ? 'cancelled' : standingOf(issue, started.get(issue.key)),
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
      schedule.standing(index) === 'queued'
        ? [[key, whyQueued(schedule.waiting(index), control, () => NO_WORKER)]]
        : [],
    ),
  );
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
export function cutOff(view: IssueView, { startedAt, at }: { readonly startedAt: Date; readonly at: Date }): IssueView {
  const durationMs = at.getTime() - startedAt.getTime();
  const workedMs = (view.durationMs ?? 0) - (view.waitedMs ?? 0);
  if (view.stage.startsWith('waiting ('))
    return { ...view, durationMs, waitedMs: view.waitedMs === null ? null : Math.max(0, durationMs - workedMs) };
  const reason =
    view.stage === 'queued'
      ? 'it starts when a worker runs'
      : `cut off while ${view.stage}; it goes on when a worker runs`;
  return { ...view, durationMs, reason, lastLine: null, cutOff: true };
}
