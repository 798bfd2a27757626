import {
  WorkflowFailedError,
  WorkflowNotFoundError,
  type Client,
  type WorkflowExecutionInfo,
} from '@temporalio/client';
import type { IssueDocument } from '../../workflows/domain/issue.ts';
import { isSuccess, outcomeKinds, type Outcome } from '../../workflows/domain/outcome.ts';
import type { IssueStatus } from '../../workflows/domain/status.ts';
import { attributes } from '../../workflows/ids.ts';
import { lastWords, retryReason } from './last-words.ts';
import { createRecordReader } from './read-record.ts';
import type { RunRecord } from './record.ts';
import { noObjections, objectionsTo, waitedMs, type Objections } from './objections.ts';
import type { IssueView } from './view.ts';
import { blank } from './unstarted.ts';
import { issueHandle } from '../../workflows/starts.ts';

/** What both lists and descriptions tell about a run of an issue's workflow. */
export type ListedRun = Pick<
  WorkflowExecutionInfo,
  'workflowId' | 'runId' | 'status' | 'startTime' | 'typedSearchAttributes' | 'memo'
> & { readonly closeTime?: Date | undefined };

/** Reads one issue from Temporal, and caches what can no longer change. */
export interface IssueReader {
  started(issue: IssueDocument, run: ListedRun, options: { readonly lastLines: boolean }): Promise<IssueView>;
}

/** Builds a reader over one connection. */
export function createIssueReader(
  client: Client,
  stateRoot: string,
  records = createRecordReader(client),
): IssueReader {
  const outcomes = new Map<string, Outcome>();
  const told = new Map<string, Told & { readonly mark: string }>();

  /** What only the history of a run tells; read again when `mark` changes. Null: the server no longer has it. */
  async function recordOf(run: ListedRun, mark: string) {
    const known = told.get(run.runId);
    if (known?.mark === mark) return known;
    const record = await records.read(run);
    if (record === null) return null;
    const repo = run.typedSearchAttributes.get(attributes.repository) ?? '';
    const fresh = { mark, record, objections: await objectionsTo(record, { stateRoot, repo }) };
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
      if (error instanceof WorkflowNotFoundError) return 'forgotten'; // lists keep a run longer than the server keeps its history
      throw error; // the server did not answer, which says nothing about the issue
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
        ...(result.kind === 'no-change' && isPublished(result) === false ? { hasWork: false } : {}),
        ...(isSuccess(result.kind) ? noObjections : addedBy(await recordOf(run, 'over'), result.sha)),
      };
    }
    // An issue writes its status when it begins to wait: one without a status has not waited yet.
    const status = run.memo?.['status'] as IssueStatus | undefined;
    const read = status ? await recordOf(run, [stage, known.round, status.attempts, status.reason].join('\n')) : null;
    if (read) known.waitedMs = waitedMs(read.record, Date.now());
    if (stage === 'waiting (human)' || stage === 'waiting (quota)') {
      return {
        ...known,
        ...(stage === 'waiting (human)' ? addedBy(read, status?.head ?? null) : noObjections),
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
    // The outcome counts only with its reason, branch and cost: the workflow closes once the worktree is gone.
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
  readonly objections: Objections;
}

/** What the history of an issue adds to its outcome. */
function addedBy(told: Told | null, head: string | null): Partial<Objections & Pick<IssueView, 'hasWork'>> {
  const start = told?.record.attempts[0]?.base.start;
  return { ...told?.objections, hasWork: start === undefined || head === null ? null : head !== start };
}

/** Earlier versions did not write down what was pushed. */
function isPublished({ branch, pushed }: Pick<Outcome, 'branch' | 'pushed'>): boolean | null {
  return branch === null || pushed === undefined ? null : pushed !== null;
}
