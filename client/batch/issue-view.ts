import {
  WorkflowFailedError,
  WorkflowNotFoundError,
  type Client,
  type WorkflowExecutionDescription,
  type WorkflowExecutionInfo,
} from '@temporalio/client';
import type { PayloadConverter } from '@temporalio/common';
import type { IssueDocument } from '../../workflows/domain/issue.ts';
import { outcomeKinds, type Outcome, type OutcomeKind } from '../../workflows/domain/outcome.ts';
import type { IssueStatus } from '../../workflows/domain/status.ts';
import { attributes } from '../../workflows/ids.ts';
import { issueHandle } from '../../workflows/starts.ts';

/** One issue of a batch as a table shows it. */
export interface IssueView {
  readonly id: string;
  readonly key: string;
  readonly title: string;
  readonly stage: string;
  /** Null: not settled yet. */
  readonly outcome: OutcomeKind | null;
  readonly reason: string;
  readonly round: number;
  readonly attempts: number;
  readonly branch: string | null;
  readonly pullRequest: number | null;
  readonly sha: string | null;
  readonly ref: string | null;
  readonly costUsd: number;
  /** Since its start, up to its end. */
  readonly durationMs: number | null;
  /** What the agent said last, or why a step is tried again; only where it was asked for. */
  readonly lastLine: string | null;
  /** Why a step is tried again; null: none is, or it was not asked for. */
  readonly retry: string | null;
  /** What went another way than planned: another profile took over, a session was lost. */
  readonly notes: readonly string[];
  readonly workflowId: string | null;
  readonly runId: string | null;
}

/** A run of an issue's workflow, as lists and descriptions both give it. */
export type IssueRun = Pick<
  WorkflowExecutionInfo,
  'workflowId' | 'runId' | 'status' | 'startTime' | 'typedSearchAttributes' | 'memo'
> & { readonly closeTime?: Date | undefined };

/** Reads one issue from Temporal; keeps what cannot change any more. */
export interface IssueReader {
  started(issue: IssueDocument, run: IssueRun, options: { readonly lastLines: boolean }): Promise<IssueView>;
}

/** Builds a reader over one connection. */
export function createIssueReader(client: Client): IssueReader {
  const outcomes = new Map<string, Outcome>();

  /** Null: it was terminated, or failed by a bug. */
  async function outcomeOf(run: IssueRun): Promise<Outcome | 'forgotten' | null> {
    const known = outcomes.get(run.runId);
    if (known) return known;
    try {
      const outcome = await issueHandle(client, run).result();
      outcomes.set(run.runId, outcome);
      return outcome;
    } catch (error) {
      if (error instanceof WorkflowFailedError) return null;
      if (error instanceof WorkflowNotFoundError) return 'forgotten'; // lists keep a run longer than the server its history
      throw error; // the server did not answer: that is nothing about the issue
    }
  }

  async function lastLineOf(run: IssueRun): Promise<Pick<IssueView, 'lastLine' | 'retry'>> {
    const { raw } = await issueHandle(client, run).describe();
    const pending = raw.pendingActivities ?? [];
    const lastLine = lastWords(pending, client.options.loadedDataConverter.payloadConverter);
    return { lastLine, retry: retryReason(pending) };
  }

  async function started(
    issue: IssueDocument,
    run: IssueRun,
    options: { readonly lastLines: boolean },
  ): Promise<IssueView> {
    const get = run.typedSearchAttributes;
    const stage = get.get(attributes.stage) ?? 'queued';
    const outcome = outcomeKinds.find((kind) => kind === get.get(attributes.outcome)) ?? null;
    const known = {
      ...blank(issue),
      stage,
      outcome,
      round: Number(get.get(attributes.round) ?? 0),
      pullRequest: get.get(attributes.pullRequest) ? Number(get.get(attributes.pullRequest)) : null,
      durationMs: (run.closeTime ?? new Date()).getTime() - run.startTime.getTime(),
      workflowId: run.workflowId,
      runId: run.runId,
    };
    if (run.status.name !== 'RUNNING') {
      const result = await outcomeOf(run);
      if (!result)
        return {
          ...known,
          stage: 'done',
          outcome: 'failed',
          reason: `its workflow ended as ${run.status.name.toLowerCase()}`,
        };
      if (result === 'forgotten')
        return { ...known, stage: 'done', outcome: outcome ?? 'failed', reason: 'its history is not kept any more' };
      return {
        ...known,
        stage: 'done',
        outcome: result.kind,
        reason: result.reason,
        round: result.rounds,
        attempts: result.attempts,
        branch: result.branch,
        pullRequest: result.pullRequest,
        sha: result.sha,
        ref: result.ref,
        costUsd: result.usage.costUsd,
        durationMs: result.durationMs,
        notes: result.notes ?? [],
      };
    }
    if (stage === 'waiting (human)' || stage === 'waiting (quota)') {
      const status = run.memo?.['status'] as IssueStatus | undefined;
      return {
        ...known,
        reason: status?.reason ?? '',
        attempts: status?.attempts ?? 0,
        branch: status?.branch ?? null,
        sha: status?.head ?? null,
        ref: status?.ref ?? null,
        costUsd: status?.usage.costUsd ?? 0,
        notes: status?.notes ?? [],
      };
    }
    // An outcome counts with its reason, branch and cost, a moment later, when the worktree is gone as well.
    const last = options.lastLines ? await lastLineOf(run).catch(() => null) : null;
    return { ...known, outcome: null, ...last };
  }

  return { started };
}

type Pending = WorkflowExecutionDescription['raw']['pendingActivities'];

/** What the agent said last, else why a step is tried again: it may go on so for as long as a forge is away. */
export function lastWords(pending: NonNullable<Pending>, converter: PayloadConverter): string | null {
  for (const payload of pending.flatMap((each) => each.heartbeatDetails?.payloads ?? [])) {
    const beat = converter.fromPayload<{ readonly lastLine?: unknown } | null>(payload);
    if (typeof beat?.lastLine === 'string') return beat.lastLine;
  }
  return retryReason(pending);
}

function retryReason(pending: NonNullable<Pending>): string | null {
  return pending.find(({ lastFailure }) => lastFailure?.message)?.lastFailure?.message ?? null;
}

/** Why an issue of a batch that was stopped or cancelled has no outcome of its own. */
export const neverStarted = 'never started: its batch ended first';

/** An issue whose workflow was not started. */
export function unstarted(
  issue: IssueDocument,
  batch: { isOpen: boolean; why: string | undefined; refused: string | undefined },
): IssueView {
  if (issue.skip !== null) return { ...blank(issue), stage: 'done', outcome: 'skipped', reason: issue.skip };
  const { refused } = batch;
  if (refused !== undefined) return { ...blank(issue), stage: 'done', outcome: 'failed', reason: refused };
  if (!batch.isOpen) return { ...blank(issue), stage: 'done', outcome: 'skipped', reason: neverStarted };
  const stage = batch.why?.startsWith('waits for') ? 'waiting (dependency)' : 'queued';
  return { ...blank(issue), stage, reason: batch.why ?? '' };
}

function blank(issue: IssueDocument): IssueView {
  return {
    id: issue.id,
    key: issue.key,
    title: issue.title,
    stage: 'queued',
    outcome: null,
    reason: '',
    round: 0,
    attempts: 0,
    branch: null,
    pullRequest: null,
    sha: null,
    ref: null,
    costUsd: 0,
    durationMs: null,
    lastLine: null,
    retry: null,
    notes: [],
    workflowId: null,
    runId: null,
  };
}
