import type {
  Client,
  WorkflowExecutionDescription,
  WorkflowHandle,
  WorkflowHandleWithFirstExecutionRunId as Started,
} from '@temporalio/client';
import type { batchWorkflow } from './batch/batch.ts';
import type { cleanupWorkflow } from './cleanup.ts';
import type { BatchInput } from './domain/batch/batch.ts';
import type { CleanedUp, CleanupInput } from './domain/host/cleanup.ts';
import type { FileIssuesInput } from './domain/plan/filing.ts';
import type { IssueInput } from './domain/run.ts';
import type { ForgeKind } from './domain/forge-facts.ts';
import type { fileIssuesWorkflow } from './file-issues.ts';
import { attributes, batchWorkflowId, cleanupWorkflowId, fileIssuesWorkflowId, mainQueue } from './ids.ts';
import type { issueWorkflow } from './issue/issue.ts';
import { issueStart } from './issue/start.ts';

/** A batch as a client sees it; its result is a `BatchResult`. */
export type BatchHandle = WorkflowHandle<typeof batchWorkflow>;

/** An issue as a client sees it; its result is an `Outcome`. */
export type IssueHandle = WorkflowHandle<typeof issueWorkflow>;

/** The filing of a plan as a client sees it; its result is a `Filing`. */
export type FilingHandle = WorkflowHandle<typeof fileIssuesWorkflow>;

/** Starts a batch. A second start of the same batch finds the first one: its answer may have been lost. */
export function startBatch(
  client: Client,
  input: BatchInput,
  summary?: string,
): Promise<Started<typeof batchWorkflow>> {
  return client.workflow.start<typeof batchWorkflow>('batchWorkflow', {
    workflowId: batchWorkflowId(input.batch),
    taskQueue: mainQueue,
    workflowIdConflictPolicy: 'USE_EXISTING',
    args: [input],
    memo: { input },
    ...(summary === undefined ? {} : { staticSummary: summary }),
    typedSearchAttributes: [
      { key: attributes.batch, value: input.batch },
      { key: attributes.forge, value: input.forge },
      { key: attributes.repository, value: input.repo },
      { key: attributes.stage, value: 'running' },
    ],
  });
}

/** Finds a batch by its id. */
export function batchHandle(client: Client, batch: string): BatchHandle {
  return client.workflow.getHandle<typeof batchWorkflow>(batchWorkflowId(batch));
}

/** What a batch was started with: `startBatch` keeps it where lists and descriptions show it. */
export function batchInputOf({ memo }: Pick<WorkflowExecutionDescription, 'memo'>): BatchInput {
  return memo?.['input'] as BatchInput;
}

/** Starts one issue outside of a batch's window. @throws WorkflowExecutionAlreadyStartedError while it is open. */
export function startIssue(client: Client, input: IssueInput): Promise<Started<typeof issueWorkflow>> {
  return client.workflow.start<typeof issueWorkflow>('issueWorkflow', {
    ...issueStart(input),
    taskQueue: mainQueue,
    workflowIdConflictPolicy: 'FAIL',
  });
}

/** Finds one run of an issue; without `runId` the newest one. */
export function issueHandle(
  client: Client,
  run: { readonly workflowId: string; readonly runId?: string },
): IssueHandle {
  return client.workflow.getHandle<typeof issueWorkflow>(run.workflowId, run.runId);
}

/** What lists show of a filing. */
export interface FilingShown {
  readonly forge: ForgeKind;
  readonly summary: string;
}

/** Starts the filing of a plan. A second start with the same plan finds the first one. */
export function startFiling(
  client: Client,
  input: FileIssuesInput,
  shown: FilingShown,
): Promise<Started<typeof fileIssuesWorkflow>> {
  return client.workflow.start<typeof fileIssuesWorkflow>('fileIssuesWorkflow', {
    workflowId: fileIssuesWorkflowId(input.repo, input.plan),
    taskQueue: mainQueue,
    workflowIdConflictPolicy: 'USE_EXISTING',
    args: [input],
    staticSummary: shown.summary,
    typedSearchAttributes: [
      { key: attributes.forge, value: shown.forge },
      { key: attributes.repository, value: input.repo },
    ],
  });
}

/** Cleans up a host and waits for it. A second call while the first one runs waits for the same clean-up. */
export function runCleanup(client: Client, input: CleanupInput): Promise<CleanedUp> {
  return client.workflow.execute<typeof cleanupWorkflow>('cleanupWorkflow', {
    workflowId: cleanupWorkflowId(input.host),
    taskQueue: mainQueue,
    workflowIdConflictPolicy: 'USE_EXISTING',
    args: [input],
  });
}
