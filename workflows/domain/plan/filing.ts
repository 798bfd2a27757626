import type { PlanIssue } from '../issue.ts';
import { waves } from './plan.ts';

/** Most issues of one plan that are filed: a forge takes some hundred an hour, and a slip of more is hard to undo. */
export const MAX_FILED = 500;

/** What filing a plan's issues is started with: names of documents. */
export interface FileIssuesInput {
  readonly version: 1;
  readonly repo: string;
  readonly settings: string;
  /** sha256 of the plan document; its labels are all that the issues get. */
  readonly plan: string;
}

/** One issue of a plan that is to be on the forge. */
export interface FileIssueInput {
  readonly repo: string;
  readonly settings: string;
  readonly plan: string;
  readonly key: string;
  /** Numbers of the issues that it depends on. */
  readonly blockedBy: readonly number[];
}

/** An issue of a plan as it is on the forge now. */
export interface FiledIssue {
  readonly key: string;
  readonly number: number;
  readonly url: string | null;
  readonly state: 'open' | 'closed';
  /** `known`: the plan had its number already. `adopted`: an earlier run made it. */
  readonly how: 'filed' | 'adopted' | 'known';
}

/** What of a plan is on the forge before anything is filed. */
export interface FiledBefore {
  readonly issues: readonly FiledIssue[];
  /** Numbers in the plan that the forge has no issue for. */
  readonly missing: readonly { readonly key: string; readonly number: number }[];
}

/** What came of filing a plan; where a number is missing, nothing was filed. */
export interface Filing extends FiledBefore {
  readonly version: 1;
  /** Where it stopped, with the forge's words; key null: before the first issue. Null: all are there. */
  readonly stopped: { readonly key: string | null; readonly why: string } | null;
}

/** How far filing is. */
export interface FilingProgress {
  readonly done: number;
  readonly of: number;
}

/** Issues in an order in which each comes after what it depends on, and in the plan's order beyond that. */
export function filingOrder<T extends PlanIssue>(issues: readonly T[]): readonly T[] {
  return waves(issues, () => false)
    .flat()
    .map((index) => issues[index]!);
}

/** The numbers that an issue depends on, in its order; what is not filed has none. */
export function blockersOf(
  { dependencies }: Pick<PlanIssue, 'dependencies'>,
  numbers: ReadonlyMap<string, number>,
): readonly number[] {
  return [...new Set(dependencies.flatMap((id) => numbers.get(id) ?? []))];
}
