import type { FailureType } from '../failure.ts';
import type { PlanDocument } from '../plan/plan.ts';
import type { MergeMethod, Settings } from '../settings.ts';
import type { MissingRight } from './right.ts';

/** What a command asks of the forge, through a process of its own: the client itself speaks to none. */
export type ForgeQuestion =
  | { readonly kind: 'select'; readonly settings: Settings; readonly request: SelectRequest }
  | { readonly kind: 'admit'; readonly settings: Settings }
  | { readonly kind: 'inspect'; readonly settings: Settings };

/** What comes back; one question, one answer. */
export type ForgeAnswer = Selected | Admitted | Inspected | Refusal;

/** Which issues of the forge are to be worked on. */
export interface SelectRequest {
  readonly by: ByNumbers | ByQuery;
  /** Also what people without write access have written, in a private repository. */
  readonly trustAnyone: boolean;
  /** Numbers of the batch that they are added to: what waits for one of these need not be held back. Left out: none. */
  readonly beside?: readonly number[];
}

/** Issues that a person named. */
export interface ByNumbers {
  readonly kind: 'numbers';
  readonly numbers: readonly number[];
}

/** All that is given has to hold. */
export interface ByQuery {
  readonly kind: 'query';
  readonly labels: readonly string[];
  readonly milestone: string | null;
  /** Login; `@me`: the account of the credential. */
  readonly assignee: string | null;
  readonly search: string | null;
  /** How many, the most urgent first; null: all. */
  readonly limit: number | null;
}

/** The issues as a plan; what is not to be worked on is in it with its reason. */
export interface Selected {
  readonly kind: 'selected';
  readonly plan: PlanDocument;
}

/** Nothing is known that rules out all work on the repository. */
export interface Admitted {
  readonly kind: 'admitted';
}

/** The answer to an inspection. */
export interface Inspected {
  readonly kind: 'inspected';
  readonly inspection: ForgeInspection;
  /** Where the credential was found; null: none is needed. */
  readonly credential: string | null;
}

/** What all work needs of a repository and of the credential, as one or two requests tell it. */
export interface ForgeAccess {
  readonly account: { readonly id: string; readonly login: string };
  readonly permission: 'none' | 'read' | 'write' | 'admin';
  /** Scopes of the credential; null: the forge does not tell. */
  readonly scopes: readonly string[] | null;
  /** What is needed and not there. */
  readonly missing: readonly MissingRight[];
  /** Takes no changes, whoever asks. */
  readonly isArchived: boolean;
  /** Whether it keeps issues: people switch them off. */
  readonly hasIssues: boolean;
}

/** What a forge says of a repository, of the credential, and of the base; null wherever it does not tell. */
export interface ForgeInspection extends ForgeAccess {
  /** Name and version of the server, for people. */
  readonly server: string;
  readonly isPrivate: boolean;
  readonly mergeMethods: readonly MergeMethod[];
  /** The repository lets pull requests be merged on green. */
  readonly autoMerge: boolean | null;
  readonly base: {
    readonly exists: boolean;
    readonly isProtected: boolean | null;
    readonly requiredChecks: readonly string[] | null;
    readonly requiredApprovals: number | null;
  };
  /** Requests that are left of the hour, and when it ends (epoch ms); null: no limit is told. */
  readonly limit: { readonly remaining: number; readonly limit: number; readonly resetsAt: number } | null;
}

/** The question has no answer. */
export interface Refusal {
  readonly kind: 'refused';
  /** `input`: what was asked for is impossible as it was written; `forge`: it could not be asked, or did not answer. */
  readonly because: 'input' | 'forge';
  /** Null: no failure of a forge, but of what was asked for. */
  readonly failure: FailureType | null;
  readonly problems: readonly ForgeProblem[];
}

/** One thing that is wrong: where it was written or asked, and what to do about it. */
export interface ForgeProblem {
  readonly where: string;
  readonly what: string;
  readonly mend: string;
}
