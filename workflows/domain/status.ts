import type { Usage } from './attempt.ts';
import type { Stage } from './stage.ts';

/** What a person who asks for an issue is told while its workflow is open. */
export interface IssueStatus {
  readonly version: 1;
  readonly id: string;
  readonly title: string;
  readonly stage: Stage;
  /** Why it waits; null: it does not. */
  readonly reason: string | null;
  readonly round: number;
  readonly rounds: number;
  readonly attempts: number;
  readonly branch: string | null;
  readonly pullRequest: number | null;
  readonly host: string | null;
  /** Newest work. */
  readonly head: string | null;
  /** Private ref that keeps it. */
  readonly ref: string | null;
  /** Sha on the remote branch; null: it was never pushed. Left out by earlier versions. */
  readonly pushed?: string | null;
  readonly lastVerdict: string | null;
  readonly usage: Usage;
  /** What went another way than planned: another profile took over, a session was lost. Left out: nothing. */
  readonly notes?: readonly string[];
}
