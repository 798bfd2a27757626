import type { Account } from './account.ts';
import type { PullRequest } from './pull.ts';

/** Which issues are wanted: every given condition has to hold. */
export interface IssueQuery {
  /** An issue must have all of them; compared without case. */
  readonly labels: readonly string[];
  /** Title of a milestone. */
  readonly milestone: string | null;
  /** Login. */
  readonly assignee: string | null;
  readonly search: string | null;
}

/** An issue as a forge has it. */
export interface ForgeIssue {
  readonly number: number;
  readonly title: string;
  /** Markdown as it stands there. */
  readonly body: string;
  readonly state: 'open' | 'closed';
  readonly labels: readonly string[];
  readonly author: Account;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly url: string | null;
}

/** What somebody said below an issue. */
export interface IssueComment {
  readonly id: string;
  readonly author: Account;
  readonly body: string;
  /** Epoch ms of its last edit. */
  readonly updatedAt: number;
}

/** Open issues that block another one. */
export interface ToldBlockers {
  /** Numbers in this repository. */
  readonly here: readonly number[];
  /** `owner/name#12` in others. */
  readonly elsewhere: readonly string[];
}

/** An issue of any repository of the server. */
export interface IssueAddress {
  readonly owner: string;
  readonly name: string;
  readonly number: number;
}

/** Who set a label, and when. */
export interface LabelSetting {
  readonly label: string;
  readonly by: Account;
  /** Epoch ms of the newest event that set it; forges tell whole seconds. */
  readonly at: number;
}

/** An issue to be filed. */
export interface IssueDraft {
  readonly title: string;
  readonly body: string;
  readonly labels: readonly string[];
  /** Numbers of issues that have to be done first; passed on if the forge keeps dependencies. */
  readonly blockedBy: readonly number[];
}

/** Labels to be set and to be taken off. */
export interface LabelChange {
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/** Live state of an issue as a plan knows it. */
export interface LiveIssue {
  readonly state: 'open' | 'closed';
  /** sha256 of title and body as they stand on the forge now, see `textHashOf`; null: a plan is the place of the text. */
  readonly textHash: string | null;
  /** For people; null: it is open. */
  readonly closedBecause: string | null;
  /** Its pull requests in all states, oldest first. */
  readonly pulls: readonly PullRequest[];
}

/** How and why an issue is closed. */
export interface Closing {
  readonly why: 'completed' | 'not-planned';
  /** One sentence for people. */
  readonly because: string;
  /** The commit that completed it. */
  readonly sha: string | null;
}
