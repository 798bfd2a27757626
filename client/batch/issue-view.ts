import {
  WorkflowFailedError,
  WorkflowNotFoundError,
  type Client,
  type WorkflowExecutionInfo,
} from '@temporalio/client';
import type { IssueDocument } from '../../workflows/domain/issue.ts';
import { isSuccess, outcomeKinds, type Outcome, type OutcomeKind } from '../../workflows/domain/outcome.ts';
import type { IssueStatus } from '../../workflows/domain/status.ts';
import { attributes } from '../../workflows/ids.ts';
import { lastWords, retryReason } from './last-words.ts';
import { createRecordReader } from './read-record.ts';
import type { RunRecord } from './record.ts';
import { noTrouble, troubleOf, waitedMs, type FindingsView, type Trouble } from './trouble.ts';
import { blank } from './unstarted.ts';
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
  /** Whether the branch is on the remote; null: not known, or there is no branch. */
  readonly published: boolean | null;
  readonly pullRequest: number | null;
  readonly sha: string | null;
  readonly ref: string | null;
  /** Whether the agents changed anything; null: not known. */
  readonly hasWork: boolean | null;
  readonly costUsd: number;
  /** Since its start, up to its end. */
  readonly durationMs: number | null;
  /** The part of it that it waited for a person, for quota or for a slot; null: not known. */
  readonly waitedMs: number | null;
  /** What the agent said last, or why a step is tried again; only where it was asked for. */
  readonly lastLine: string | null;
  /** Why a step is tried again; null: none is, or it was not asked for. */
  readonly retry: string | null;
  /** What went another way than planned: another profile took over, a session was lost. */
  readonly notes: readonly string[];
  /** Names of the checks that failed the last time they ran, where it did not succeed. */
  readonly failedChecks: readonly string[];
  /** What the last review wants to have mended, where it did not succeed; null: nothing, or it is not known here. */
  readonly findings: FindingsView | null;
  readonly workflowId: string | null;
  readonly runId: string | null;
  /** No worker runs: it stands in this stage since the last one ended. Left out: it does not. */
  readonly cutOff?: boolean;
}

/** A run of an issue's workflow, as lists and descriptions both give it. */
export type ListedRun = Pick<
  WorkflowExecutionInfo,
  'workflowId' | 'runId' | 'status' | 'startTime' | 'typedSearchAttributes' | 'memo'
> & { readonly closeTime?: Date | undefined };

/** Reads one issue from Temporal; keeps what cannot change any more. */
export interface IssueReader {
  started(issue: IssueDocument, run: ListedRun, options: { readonly lastLines: boolean }): Promise<IssueView>;
}

/** Builds a reader over one connection. */
export function createIssueReader(client: Client, stateRoot: string): IssueReader {
  const outcomes = new Map<string, Outcome>();
  const records = createRecordReader(client);
  const told = new Map<string, Told & { readonly mark: string }>();

  /** What only the history of a run tells; read again when its `mark` is another one. Null: it is not kept. */
  async function recordOf(run: ListedRun, mark: string) {
    const known = told.get(run.runId);
    if (known?.mark === mark) return known;
    const record = await records.read(run);
    if (record === null) return null;
    const repo = run.typedSearchAttributes.get(attributes.repository) ?? '';
    const fresh = { mark, record, trouble: await troubleOf(record, { stateRoot, repo }) };
    told.set(run.runId, fresh);
    return fresh;
  }

  /** Null: it was terminated, or failed by a bug. */
  async function outcomeOf(run: ListedRun): Promise<Outcome | 'forgotten' | null> {
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

  async function lastLineOf(run: ListedRun): Promise<Pick<IssueView, 'lastLine' | 'retry'>> {
    const description = await issueHandle(client, run).describe().catch(nullIfUnknown);
    if (description === null) return { lastLine: null, retry: null }; // forgotten since it was listed
    const { raw } = description;
    const pending = raw.pendingActivities ?? [];
    const lastLine = lastWords(pending, client.options.loadedDataConverter.payloadConverter);
    return { lastLine, retry: retryReason(pending) };
  }

  async function started(
    issue: IssueDocument,
    run: ListedRun,
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
      waitedMs: run.status.name === 'RUNNING' ? 0 : null,
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
        published: isPublished(result),
        pullRequest: result.pullRequest,
        sha: result.sha,
        ref: result.ref,
        costUsd: result.usage.costUsd,
        durationMs: result.durationMs,
        waitedMs: result.waitedMs ?? null,
        notes: result.notes ?? [],
        ...(isSuccess(result.kind) ? noTrouble : findingsOf(await recordOf(run, 'over'), result.sha)),
      };
    }
    // It is written where an issue begins to wait, so that one without it has waited for nobody yet.
    const status = run.memo?.['status'] as IssueStatus | undefined;
    const read = status ? await recordOf(run, [stage, known.round, status.attempts, status.reason].join('\n')) : null;
    if (read) known.waitedMs = waitedMs(read.record, Date.now());
    if (stage === 'waiting (human)' || stage === 'waiting (quota)') {
      return {
        ...known,
        ...(stage === 'waiting (human)' ? findingsOf(read, status?.head ?? null) : noTrouble),
        reason: status?.reason ?? '',
        attempts: status?.attempts ?? 0,
        branch: status?.branch ?? null,
        published: status ? isPublished(status) : null,
        sha: status?.head ?? null,
        ref: status?.ref ?? null,
        costUsd: status?.usage.costUsd ?? 0,
        notes: status?.notes ?? [],
      };
    }
    // An outcome counts with its reason, branch and cost, a moment later, when the worktree is gone as well.
    const last = options.lastLines ? await lastLineOf(run) : null;
    return { ...known, outcome: null, ...last };
  }

  return { started };
}

/** A server that does not answer says nothing about a workflow. */
export function nullIfUnknown(error: unknown): null {
  if (error instanceof WorkflowNotFoundError) return null;
  throw error;
}

interface Told {
  readonly record: RunRecord;
  readonly trouble: Trouble;
}

/** What the history of an issue adds to its outcome. */
function findingsOf(told: Told | null, head: string | null): Partial<Trouble & Pick<IssueView, 'hasWork'>> {
  const start = told?.record.attempts[0]?.base.start;
  return { ...told?.trouble, hasWork: start === undefined || head === null ? null : head !== start };
}

/** Of what earlier versions wrote it is not known. */
function isPublished({ branch, pushed }: Pick<Outcome, 'branch' | 'pushed'>): boolean | null {
  return branch === null || pushed === undefined ? null : pushed !== null;
}
