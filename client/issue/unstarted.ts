import type { IssueDocument } from '../../workflows/domain/issue.ts';
import type { IssueView } from './view.ts';
import { noObjections } from './objections.ts';

/** Why an issue of a stopped or cancelled batch has no outcome of its own. */
export const neverStarted = 'never started: its batch ended first';

/** The view of an issue whose workflow was never started. */
export function unstarted(
  issue: IssueDocument,
  batch: { isOpen: boolean; why: string | undefined; refused: string | undefined; isDropped?: boolean },
): IssueView {
  if (issue.skip !== null) return { ...blank(issue), stage: 'done', outcome: 'skipped', reason: issue.skip };
  const { refused } = batch;
  if (refused !== undefined) return { ...blank(issue), stage: 'done', outcome: 'failed', reason: refused };
  if (batch.isDropped)
    return { ...blank(issue), stage: 'done', outcome: 'cancelled', reason: 'cancelled by a person before it started' };
  if (!batch.isOpen) return { ...blank(issue), stage: 'done', outcome: 'skipped', reason: neverStarted };
  const stage = batch.why?.startsWith('waits for') ? 'waiting (dependency)' : 'queued';
  return { ...blank(issue), stage, reason: batch.why ?? '' };
}

/** What the plan alone tells about an issue. */
export function blank(issue: IssueDocument): IssueView {
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
    published: null,
    pullRequest: null,
    sha: null,
    ref: null,
    hasWork: null,
    costUsd: 0,
    durationMs: null,
    waitedMs: null,
    lastLine: null,
    retry: null,
    notes: [],
    ...noObjections,
    workflowId: null,
    runId: null,
  };
}
