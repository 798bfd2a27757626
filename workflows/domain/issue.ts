/** How urgent an issue is: of the ready issues the most urgent one starts first. */
export type Priority = 'blocker' | 'high' | 'medium' | 'low';

/** All priorities, most urgent first; the index + 1 is Temporal's priority key. */
export const priorities: readonly Priority[] = ['blocker', 'high', 'medium', 'low'];

/** An issue as a plan and the batch know it: facts for deciding, no text. */
export interface PlanIssue {
  /** As the user wrote it; for people. */
  readonly id: string;
  /** The id made safe: `[A-Za-z0-9_-]{1,64}`, unique in its repository; for refs, paths and workflow ids. */
  readonly key: string;
  readonly title: string;
  readonly priority: Priority;
  /** Ids of issues of the same plan that have to succeed first. */
  readonly dependencies: readonly string[];
  /** Files, folders (`src/`) or globs that the work is expected to touch; empty: unknown. */
  readonly files: readonly string[];
  /** What was approved of it, if its text lies on a forge. */
  readonly pin?: Pin;
}

/** The text that a person approved by handing the issue over; no other text is worked on. */
export interface Pin {
  /** sha256 (hex) of title and body as the forge had them. */
  readonly textHash: string;
  /** When they were read; ISO 8601. */
  readonly readAt: string;
}

/** An issue with its text, as it lies in a plan document and as an agent is told. */
export interface IssueDocument extends PlanIssue {
  /** Markdown, untrusted. */
  readonly body: string;
  readonly labels: readonly string[];
  /** Why nobody works on this issue (`status: completed` in its task file); null: somebody does. */
  readonly skip: string | null;
  /** A skipped issue is done already, so that dependents may start. Left out: it is. */
  readonly skipSatisfies?: boolean;
  /** Its number on the forge; left out: only the plan knows it. */
  readonly number?: number;
  /** sha256 (hex) of title and body: only what was approved is worked on. */
  readonly textHash: string;
}

/** The work of a dependency that is approved but has not landed: an issue starts on top of it. */
export interface DependencyWork {
  readonly id: string;
  readonly key: string;
  /** Full sha of the approved commit. */
  readonly sha: string;
  readonly pullRequest: number | null;
}
