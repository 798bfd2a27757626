import type { Client, WorkflowHandle } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import { vi } from 'vitest';
import type { BatchInput, BatchStatus } from '../../../workflows/domain/batch/batch.ts';
import type { PlanIssue } from '../../../workflows/domain/issue.ts';
import type { IssueInput } from '../../../workflows/domain/run.ts';
import { noBudgets, type Budgets, type Policy } from '../../../workflows/domain/settings.ts';
import type { Stage } from '../../../workflows/domain/stage.ts';
import type { IssueStatus } from '../../../workflows/domain/status.ts';
import { batchWorkflowId, issueWorkflowId } from '../../../workflows/ids.ts';
import { batchQuery, issueQuery } from '../../../workflows/messages.ts';
import {
  batchHandle,
  issueHandle,
  startBatch,
  startIssue,
  type BatchHandle,
  type IssueHandle,
} from '../../../workflows/starts.ts';
import { planned, type MemoryActivities } from './memory-activities.ts';

/** The policy of most tests: the defaults, with checks. */
export const policy: Policy = {
  rounds: 3,
  checkFixes: 2,
  continuations: 5,
  landing: 'none',
  hasChecks: true,
  roles: { implement: ['main'], fix: ['main'], review: ['critic'], resolve: ['main'], triage: ['main'] },
  budgets: noBudgets,
};

/** The policy of most tests, with budgets. */
export function withBudget(budgets: Partial<Budgets>): Policy {
  return { ...policy, budgets: { ...noBudgets, ...budgets } };
}

/** Longest wait for something that happens by itself on a busy machine. */
const DEADLINE = { timeout: 120_000, interval: 40 };

export interface KeptHistory {
  readonly workflowId: string;
  readonly history: History;
}

/** One repository of a workflow test: what runs in it, and what its agents did. */
export type WorkflowGround = ReturnType<typeof createWorkflowGround>;

interface Facts {
  readonly client: Client;
  readonly repo: string;
  readonly issues: readonly PlanIssue[];
  readonly memory: MemoryActivities;
}

/** Builds the ground of one test. */
export function createWorkflowGround({ client, repo, issues, memory }: Facts) {
  const started: { workflowId: string; runId?: string }[] = [];
  const named = new Map<string, KeptHistory>();
  const batchName = `${repo}-batch`;

  const ground = {
    repo,
    memory,
    batchName,
    issue: (key: string): IssueHandle => issueHandle(client, { workflowId: issueWorkflowId(repo, key) }),
    batch: (name = batchName): BatchHandle => batchHandle(client, name),

    /** What a batch would start an issue with. */
    issueInput(key = 'a', facts: Partial<IssueInput> = {}): IssueInput {
      const { id, title, priority } = issues.find((issue) => issue.key === key) ?? planned(key);
      return {
        version: 1,
        issue: { repo, settings: 'settings', plan: 'plan', batch: batchName, id, key },
        title,
        priority,
        forge: 'local',
        policy,
        dependencies: [],
        rerun: null,
        ...facts,
      };
    },
    /** Starts one issue by itself, or again. */
    async startIssue(key = 'a', facts: Partial<IssueInput> = {}): Promise<IssueHandle> {
      const workflowId = issueWorkflowId(repo, key);
      const { firstExecutionRunId: runId } = await startIssue(client, ground.issueInput(key, facts));
      started.push({ workflowId, runId });
      return issueHandle(client, { workflowId, runId });
    },
    async startBatch(facts: Partial<BatchInput> = {}): Promise<BatchHandle> {
      const input: BatchInput = {
        version: 1,
        batch: batchName,
        repo,
        settings: 'settings',
        plans: ['plan'],
        forge: 'local',
        width: 2,
        policy,
        carried: null,
        ...facts,
      };
      const { firstExecutionRunId: runId } = await startBatch(client, input);
      started.push({ workflowId: batchWorkflowId(input.batch), runId });
      return ground.batch(input.batch);
    },

    /** Waits until an issue is in a stage. */
    reaches(key: string, stage: Stage): Promise<IssueStatus> {
      return vi.waitFor(async () => {
        const status = await ground.issue(key).query(issueQuery);
        if (status.stage !== stage) throw new Error(`${key} is ${status.stage} (${status.reason}), not ${stage}`);
        return status;
      }, DEADLINE);
    },
    /** Waits until a batch stands so. */
    stands(what: (status: BatchStatus) => boolean, name = batchName): Promise<BatchStatus> {
      return vi.waitFor(async () => {
        const status = await ground.batch(name).query(batchQuery);
        if (!what(status)) throw new Error(`the batch is at ${JSON.stringify(status)}`);
        return status;
      }, DEADLINE);
    },
    /** Waits until something is so. */
    until(what: () => boolean): Promise<void> {
      return vi.waitFor(() => {
        if (!what()) throw new Error(`not so after ${memory.log.join(', ')}`);
      }, DEADLINE);
    },

    /** Keeps a history as it is now under a name, to be checked in. */
    async keep(name: string, handle: WorkflowHandle): Promise<void> {
      named.set(name, { workflowId: handle.workflowId, history: await handle.fetchHistory() });
    },
    /** Events of each run of the batch, first to last. */
    async runs(): Promise<number[]> {
      const first = started.find(({ workflowId }) => workflowId === batchWorkflowId(batchName));
      const histories = first ? await historiesOf(client, first.workflowId, first.runId) : [];
      return histories.map(({ history }) => history.events?.length ?? 0);
    },
    /** Terminates what is open, and returns every history that was made. */
    async end(): Promise<{ all: KeptHistory[]; named: ReadonlyMap<string, KeptHistory> }> {
      for (const { key } of issues) started.push({ workflowId: issueWorkflowId(repo, key) });
      const all = new Map<string, KeptHistory>();
      for (const { workflowId, runId } of started) {
        for (const each of await historiesOf(client, workflowId, runId)) all.set(each.runId, each);
      }
      return { all: [...all.values(), ...named.values()], named };
    },
  };
  return ground;
}

function ignoreClosed(error: unknown): void {
  if (!(error instanceof WorkflowNotFoundError)) throw error;
}

/** Histories of a run and of all that continued from it; of the newest run where none is named. */
async function historiesOf(
  client: Client,
  workflowId: string,
  runId?: string,
): Promise<(KeptHistory & { runId: string })[]> {
  const described = await client.workflow.getHandle(workflowId, runId).describe().catch(ignoreClosed);
  const found: (KeptHistory & { runId: string })[] = [];
  for (let next: string | null | undefined = described?.runId; next;) {
    const handle: WorkflowHandle = client.workflow.getHandle(workflowId, next);
    await handle.terminate('the test is over').catch(ignoreClosed);
    const history = await handle.fetchHistory();
    found.push({ workflowId, runId: next, history });
    next = history.events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
  }
  return found;
}
