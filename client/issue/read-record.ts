import { status } from '@grpc/grpc-js';
import type { Client } from '@temporalio/client';
import { createRecord, type HistoryEvent, type RunRecord } from './record.ts';

/** Events in one answer: we read a history from its end, and few events are added between two looks. */
const PAGE = 100;

/** A run of a workflow. */
export interface RunName {
  readonly workflowId: string;
  readonly runId: string;
}

/** Reads the records of issues; each look reads only the events added since the last one. */
export interface RecordReader {
  /** Null: the server no longer has its history. */
  read(run: RunName): Promise<RunRecord | null>;
}

/** Builds a reader over one connection. */
export function createRecordReader(client: Client): RecordReader {
  const records = new Map<string, ReturnType<typeof createRecord>>();
  const converter = client.options.loadedDataConverter.payloadConverter;

  async function page(run: RunName, nextPageToken: Uint8Array | null) {
    return client.connection.workflowService.getWorkflowExecutionHistoryReverse({
      namespace: client.options.namespace,
      execution: run,
      maximumPageSize: PAGE,
      ...(nextPageToken === null ? {} : { nextPageToken }),
    });
  }

  /** Reads the events that follow the one with number `than`, oldest first. */
  async function newer(run: RunName, than: number): Promise<readonly HistoryEvent[]> {
    const found: HistoryEvent[] = [];
    for (let token: Uint8Array | null = null, isMore = true; isMore;) {
      const { history, nextPageToken } = await page(run, token);
      const events = history?.events ?? [];
      found.push(...events.filter(({ eventId }) => Number(eventId) > than));
      token = nextPageToken?.length ? nextPageToken : null;
      isMore = token !== null && Number(events.at(-1)?.eventId ?? 0) > than + 1;
    }
    return found.toReversed();
  }

  return {
    async read(run) {
      const record = records.get(run.runId) ?? createRecord(converter);
      records.set(run.runId, record);
      try {
        for (const event of await newer(run, record.last())) record.take(event);
      } catch (error) {
        // Lists keep a run longer than the server keeps its history.
        if ((error as { readonly code?: unknown }).code === status.NOT_FOUND) return null;
        throw error;
      }
      return record.record();
    },
  };
}
