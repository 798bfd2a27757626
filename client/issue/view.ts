import type { OutcomeKind } from '../../workflows/domain/outcome.ts';
import type { FindingsView } from './objections.ts';

/** One issue of a batch, as tables show it. */
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
  /** Whether the branch was pushed; null: nobody knows, or there is no branch. */
  readonly published: boolean | null;
  readonly pullRequest: number | null;
  readonly sha: string | null;
  readonly ref: string | null;
  /** Whether the agents changed anything; null: nobody knows. */
  readonly hasWork: boolean | null;
  readonly costUsd: number;
  /** From its start to its end, or until now; ms. */
  readonly durationMs: number | null;
  /** How much of it the issue spent waiting for a person, for quota or for a slot; ms. Null: nobody knows. */
  readonly waitedMs: number | null;
  /** The agent's last words, or why a step is tried again; null where the reader did not ask. */
  readonly lastLine: string | null;
  /** Why a step is tried again; null: none is, or the reader did not ask. */
  readonly retry: string | null;
  /** What did not go as planned: another profile took over, a session was lost. */
  readonly notes: readonly string[];
  /** Names of the checks that failed in the last run; empty where the issue succeeded. */
  readonly failedChecks: readonly string[];
  /** What the last review wants fixed; null: nothing, the issue succeeded, or this machine lacks the review. */
  readonly findings: FindingsView | null;
  readonly workflowId: string | null;
  readonly runId: string | null;
  /** No worker runs: it stands in this stage since the last one ended. Left out: it does not. */
  readonly cutOff?: boolean;
}
