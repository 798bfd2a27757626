import type { PayloadConverter } from '@temporalio/common';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import type { ArtifactRef } from '../../workflows/domain/artifact.ts';
import type { AttemptInput, AttemptResult, Base, ChecksResult } from '../../workflows/domain/attempt.ts';
import { outcomeKinds, type Outcome, type OutcomeKind } from '../../workflows/domain/outcome.ts';
import type { IssueStatus } from '../../workflows/domain/status.ts';
import { attributes } from '../../workflows/ids.ts';

/** One event of a history, as the server gives it. */
export type HistoryEvent = NonNullable<History['events']>[number];

/** A step of an issue, recorded by its workflow when it took the step. */
export interface RecordedStep {
  /** Number of its event; numbers grow within a run. */
  readonly event: number;
  readonly at: Date;
  readonly stage: string;
  readonly outcome: OutcomeKind | null;
  readonly round: number;
  readonly pullRequest: number | null;
  /** Why the issue waits, or how it ended; empty: it works. */
  readonly reason: string;
}

/** One invocation of an agent. */
export interface RecordedAttempt {
  readonly number: number;
  readonly role: string;
  readonly profile: string;
  readonly base: Base;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly result: AttemptResult | null;
  /** Why there is no result (a crash, a stall, no time left); null: there is one, or the attempt still runs. */
  readonly failure: string | null;
}

/** A review that reached a verdict. */
export interface RecordedReview {
  readonly round: number;
  readonly verdict: 'approved' | 'needs-work';
  readonly document: ArtifactRef;
}

/** One run of the repository's checks, or a red run of the forge's CI. */
export interface RecordedChecks {
  readonly by: 'millrace' | 'ci';
  readonly passed: boolean;
  readonly document: ArtifactRef;
}

/** What the server knows about one run of an issue, oldest first. */
export interface RunRecord {
  readonly steps: readonly RecordedStep[];
  readonly attempts: readonly RecordedAttempt[];
  readonly reviews: readonly RecordedReview[];
  readonly checks: readonly RecordedChecks[];
}

/** Builds a record from events, in their order. */
export function createRecord(converter: PayloadConverter) {
  const steps: RecordedStep[] = [];
  const attempts: RecordedAttempt[] = [];
  const reviews: RecordedReview[] = [];
  const checks: RecordedChecks[] = [];
  /** Activities under way: their type and input, by the event that scheduled them. */
  const asked = new Map<number, { readonly type: string; readonly input: unknown }>();
  let last = 0;

  const read = <T>(payload: Parameters<PayloadConverter['fromPayload']>[0] | null | undefined): T | null =>
    payload ? converter.fromPayload<T>(payload) : null;

  function enter(event: HistoryEvent): void {
    const fields = event.upsertWorkflowSearchAttributesEventAttributes?.searchAttributes?.indexedFields ?? {};
    const stage = read<string>(fields[attributes.stage.name]);
    // The closing event tells how the run ended, and why.
    if (stage === null || stage === 'done') return;
    const outcome = read<string>(fields[attributes.outcome.name]);
    const pullRequest = read<string>(fields[attributes.pullRequest.name]);
    steps.push({
      event: last,
      at: timeOf(event),
      stage,
      outcome: outcomeKinds.find((kind) => kind === outcome) ?? null,
      round: read<number>(fields[attributes.round.name]) ?? 0,
      pullRequest: pullRequest === null ? null : Number(pullRequest),
      reason: '',
    });
  }

  /** A waiting issue writes its status next to the step, in the same task. */
  function explain(event: HistoryEvent): void {
    const status = read<IssueStatus>(event.workflowPropertiesModifiedEventAttributes?.upsertedMemo?.fields?.['status']);
    const step = steps.at(-1);
    if (status && step?.stage === status.stage) steps[steps.length - 1] = { ...step, reason: status.reason ?? '' };
  }

  function begin(event: HistoryEvent): void {
    const { activityType, input } = event.activityTaskScheduledEventAttributes!;
    const type = activityType?.name ?? '';
    const ask = read<unknown>(input?.payloads?.[0]);
    asked.set(last, { type, input: ask });
    if (type !== 'runAgent') return;
    const { attempt, role, profile, base } = ask as AttemptInput;
    attempts.push({
      number: attempt,
      role,
      profile,
      base,
      startedAt: timeOf(event),
      endedAt: null,
      result: null,
      failure: null,
    });
  }

  function finish(event: HistoryEvent): void {
    const ended =
      event.activityTaskCompletedEventAttributes ??
      event.activityTaskFailedEventAttributes ??
      event.activityTaskTimedOutEventAttributes ??
      event.activityTaskCanceledEventAttributes!;
    const activity = asked.get(Number(ended.scheduledEventId));
    asked.delete(Number(ended.scheduledEventId));
    const result = read<unknown>(event.activityTaskCompletedEventAttributes?.result?.payloads?.[0]);
    switch (activity?.type) {
      case 'runAgent':
        return endAttempt(activity.input as AttemptInput, event, result as AttemptResult | null);
      case 'runChecks':
        if (result !== null) checks.push(asRecorded(result as ChecksResult));
        return;
      case 'gatherCiFailure':
        if (result !== null) checks.push({ by: 'ci', passed: false, document: result as ArtifactRef });
        return;
      default:
    }
  }

  function endAttempt({ attempt, round }: AttemptInput, event: HistoryEvent, result: AttemptResult | null): void {
    const index = attempts.findLastIndex(({ number }) => number === attempt);
    const failure = result ? null : failureOf(event);
    attempts[index] = { ...attempts[index]!, endedAt: timeOf(event), result, failure };
    if (result?.end.kind !== 'reviewed') return;
    reviews.push({ round, verdict: result.end.verdict, document: result.end.review });
  }

  function close(event: HistoryEvent): void {
    const before = steps.at(-1);
    const outcome = read<Outcome>(event.workflowExecutionCompletedEventAttributes?.result?.payloads?.[0]);
    steps.push({
      event: last,
      at: timeOf(event),
      stage: 'done',
      outcome: outcome?.kind ?? 'failed',
      round: outcome?.rounds ?? before?.round ?? 0,
      pullRequest: outcome?.pullRequest ?? before?.pullRequest ?? null,
      reason: outcome?.reason ?? `its workflow ended as ${endingOf(event)}`,
    });
  }

  return {
    /** Number of the last event taken. */
    last: () => last,
    take(event: HistoryEvent): void {
      last = Number(event.eventId);
      if (event.upsertWorkflowSearchAttributesEventAttributes) enter(event);
      else if (event.workflowPropertiesModifiedEventAttributes) explain(event);
      else if (event.activityTaskScheduledEventAttributes) begin(event);
      else if (isActivityEnd(event)) finish(event);
      else if (endingOf(event) !== null) close(event);
    },
    record: (): RunRecord => ({
      steps: [...steps],
      attempts: [...attempts],
      reviews: [...reviews],
      checks: [...checks],
    }),
  };
}

function asRecorded({ passed, document }: ChecksResult): RecordedChecks {
  return { by: 'millrace', passed, document };
}

function isActivityEnd(event: HistoryEvent): boolean {
  return Boolean(
    event.activityTaskCompletedEventAttributes ??
    event.activityTaskFailedEventAttributes ??
    event.activityTaskTimedOutEventAttributes ??
    event.activityTaskCanceledEventAttributes,
  );
}

/** How a run ended, in the server's words; null: this event does not end it. */
function endingOf(event: HistoryEvent): string | null {
  if (event.workflowExecutionCompletedEventAttributes) return 'completed';
  if (event.workflowExecutionFailedEventAttributes) return 'failed';
  if (event.workflowExecutionTerminatedEventAttributes) return 'terminated';
  if (event.workflowExecutionTimedOutEventAttributes) return 'timed out';
  if (event.workflowExecutionCanceledEventAttributes) return 'cancelled';
  return null;
}

function failureOf(event: HistoryEvent): string {
  if (event.activityTaskCanceledEventAttributes) return 'cancelled';
  const { failure } = event.activityTaskFailedEventAttributes ?? event.activityTaskTimedOutEventAttributes ?? {};
  return failure?.message ?? 'no worker finished it in time';
}

function timeOf({ eventTime }: HistoryEvent): Date {
  return new Date(Number(eventTime?.seconds ?? 0) * 1000 + (eventTime?.nanos ?? 0) / 1e6);
}
