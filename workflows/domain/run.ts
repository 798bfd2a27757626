import type { IssueRef } from './attempt.ts';
import type { DependencyWork, Pin, Priority } from './issue.ts';
import type { ForgeKind } from './forge-facts.ts';
import type { Policy } from './settings.ts';

/** What an issue's workflow is started with. */
export interface IssueInput {
  readonly version: 1;
  readonly issue: IssueRef;
  readonly title: string;
  readonly priority: Priority;
  readonly forge: ForgeKind;
  readonly policy: Policy;
  /** The text that was approved, if it lies on a forge. Left out: the plan holds the text. */
  readonly pin?: Pin;
  readonly dependencies: readonly DependencyWork[];
  /** Profiles that cannot be used, as far as the batch knew, and until when (epoch ms). Left out: none. */
  readonly parked?: Readonly<Record<string, number>>;
  /** A person asked for it again (`retry`), with words for the agent; null: started by its batch. */
  readonly rerun: { readonly message: string | null } | null;
}
