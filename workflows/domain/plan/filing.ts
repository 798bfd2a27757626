import type { PlanIssue } from '../issue.ts';
import { waves } from './plan.ts';

/** Most issues of one plan that are filed: a forge takes a few hundred an hour; a bigger mistake is hard to undo. */
export const MAX_FILED = 500;

/** What the filing of a plan is started with: names of documents. */
export interface FileIssuesInput {
  readonly version: 1;
  readonly repo: string;
  readonly settings: string;
  /** sha256 of the plan document; the issues get the labels that it names, and no others. */
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

/** The part of a plan that is on the forge before anything is filed. */
export interface FiledBefore {
  readonly issues: readonly FiledIssue[];
  /** Numbers in the plan that the forge has no issue for. */
  readonly missing: readonly { readonly key: string; readonly number: number }[];
}

/** What came of filing a plan; where a number is missing, nothing was filed. */
export interface Filing extends FiledBefore {
  readonly version: 1;
  /** Where it stopped and why, in the forge's words; `key` null: before the first issue. Null: it did not stop. */
  readonly stopped: { readonly key: string | null; readonly why: string } | null;
}

/** How far filing is. */
export interface FilingProgress {
  readonly done: number;
  readonly of: number;
}

/** Sorts issues so that each comes after its dependencies, and otherwise in the plan's order. */
export function filingOrder<T extends PlanIssue>(issues: readonly T[]): readonly T[] {
  return waves(issues, () => false)
    .flat()
    .map((index) => issues[index]!);
}

/** The numbers of the issues that an issue depends on, in its order, as far as they are filed. */
export function blockersOf(
  { dependencies }: Pick<PlanIssue, 'dependencies'>,
  numbers: ReadonlyMap<string, number>,
): readonly number[] {
  return [...new Set(dependencies.flatMap((id) => numbers.get(id) ?? []))];
}
