import type { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { optionalTsToMs } from '@temporalio/common/lib/time.js';
import type { BatchInput } from '../../workflows/domain/batch/batch.ts';
import { addUpdate, dropUpdate, releaseUpdate, widthUpdate } from '../../workflows/messages.ts';
import type { RunName } from '../issue/read-record.ts';
import type { HistoryEvent } from '../issue/record.ts';

/** What the history of an open batch tells: all that it knew when a worker last worked on it. */
export interface BatchMemory {
  /** Its plans and its width as people changed them since it began. */
  readonly input: BatchInput;
  /** Ids of workflows that it could not start, since another batch had started them. */
  readonly foreign: readonly string[];
  /** Ids of held issues that people released. */
  readonly released: readonly string[];
  /** Ids or keys of issues that people cancelled before they were started. */
  readonly dropped: readonly string[];
}

/** Reads the newest run of a batch. Asks the server alone: no worker is needed. */
export async function rememberBatch(client: Client, workflowId: string): Promise<BatchMemory> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  let input: BatchInput | null = null;
  const foreign: string[] = [];
  const released: string[] = [];
  const dropped: string[] = [];
  for (const event of events ?? []) {
    input ??= startInputOf<BatchInput>(client, event);
    const update = event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input;
    const [asked] = update?.args?.payloads ?? [];
    if (input && update && asked) {
      const wanted = decode(client, asked);
      if (update.name === releaseUpdate.name) released.push((wanted as { readonly id: string }).id);
      if (update.name === dropUpdate.name) dropped.push((wanted as { readonly id: string }).id);
      input = changed(input, update.name, wanted);
    }
    const child = event.startChildWorkflowExecutionFailedEventAttributes?.workflowId;
    if (child) foreign.push(child);
  }
  if (!input) throw new Error(`the history of ${workflowId} has no input`);
  return { input, foreign, released, dropped };
}

/** What a run was started with: the first event of its history. */
export async function readStartInput<T>(client: Client, { workflowId, runId }: RunName): Promise<T> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    maximumPageSize: 1,
  });
  const [first] = history?.events ?? [];
  const input = first ? startInputOf<T>(client, first) : null;
  if (input === null) throw new Error(`the history of ${workflowId} has no input`);
  return input;
}

/** Events of the end of a history among which a worker's step is found; one step makes fewer. */
const LAST_EVENTS = 50;

/** When a worker last did something for a run: a step of its workflow, or a heartbeat of what is under way. */
export async function lastWorkedOn(client: Client, { workflowId, runId }: RunName): Promise<Date> {
  const execution = { workflowId, runId };
  const { namespace } = client.options;
  const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
    namespace,
    execution,
    maximumPageSize: LAST_EVENTS,
  });
  // What the server writes by itself, timers and timeouts, tells nothing about a worker.
  const step = history?.events?.find((event) => event.workflowTaskCompletedEventAttributes);
  const { raw, startTime } = await client.workflow.getHandle(workflowId, runId).describe();
  const beats = (raw.pendingActivities ?? []).flatMap(({ lastHeartbeatTime, lastStartedTime }) => [
    optionalTsToMs(lastHeartbeatTime) ?? 0,
    optionalTsToMs(lastStartedTime) ?? 0,
  ]);
  return new Date(Math.max(startTime.getTime(), optionalTsToMs(step?.eventTime) ?? 0, ...beats));
}

function startInputOf<T>(client: Client, event: HistoryEvent): T | null {
  const payload = event.workflowExecutionStartedEventAttributes?.input?.payloads?.[0];
  return payload ? (decode(client, payload) as T) : null;
}

function changed(input: BatchInput, name: string | null | undefined, asked: unknown): BatchInput {
  if (name === widthUpdate.name) return { ...input, width: (asked as { readonly width: number }).width };
  if (name === addUpdate.name) return { ...input, plans: [...input.plans, (asked as { readonly plan: string }).plan] };
  return input;
}

function decode(client: Client, payload: Payload): unknown {
  return client.options.loadedDataConverter.payloadConverter.fromPayload(payload);
}
