import type { IssueDocument, PlanIssue } from '../workflows/domain/issue.ts';
import type { PlanDocument } from '../workflows/domain/plan/plan.ts';
import type { Repositories, RepositoryRef } from './repository/repository.ts';

/** Most bytes of one page's JSON. A batch's history holds every page, so it stays far below Temporal's 2 MB for a payload. */
const PAGE_BYTES = 100_000;

const PAGE_ISSUES = 500;

/** Names a plan, and where in it to go on reading. */
export interface PlanPageInput extends RepositoryRef {
  /** sha256 of the plan document. */
  readonly plan: string;
  /** Index of the first issue wanted. */
  readonly cursor: number;
}

/** A part of a plan: what a batch decides with. */
export interface PlanPage {
  readonly issues: readonly PlanIssue[];
  /** Issues of this page that must not be worked on, and why. */
  readonly skips: readonly PlanSkip[];
  /** Cursor of the next page; null: this was the last. */
  readonly next: number | null;
}

/** An issue that must not be worked on. */
export interface PlanSkip {
  readonly key: string;
  readonly reason: string;
  /** Whether its dependents may start all the same; left out: they may. */
  readonly satisfies?: boolean;
}

/** Activities that read plans; the texts of the issues stay on disk. */
export function createPlanActivities(deps: { readonly repositories: Repositories }) {
  return {
    loadPlan: async (input: PlanPageInput): Promise<PlanPage> => {
      const { artifacts } = await deps.repositories.open(input);
      const plan = await artifacts.get<PlanDocument>({ sha256: input.plan });
      return pageOf(plan.issues, input.cursor);
    },
  };
}

function pageOf(all: readonly IssueDocument[], cursor: number): PlanPage {
  const issues: PlanIssue[] = [];
  const skips: PlanSkip[] = [];
  let bytes = 0;
  for (const document of all.slice(cursor, cursor + PAGE_ISSUES)) {
    const issue = factsOf(document);
    const skip = skipOf(document);
    bytes += Buffer.byteLength(JSON.stringify([issue, skip]));
    // An issue too big for a page still goes, alone: with an empty page the reading would never end.
    if (bytes > PAGE_BYTES && issues.length > 0) break;
    issues.push(issue);
    skips.push(...skip);
  }
  const next = cursor + issues.length;
  return { issues, skips, next: next < all.length ? next : null };
}

function skipOf({ key, skip, skipSatisfies }: IssueDocument): readonly PlanSkip[] {
  if (skip === null) return [];
  const satisfies = skipSatisfies === undefined ? {} : { satisfies: skipSatisfies };
  return [{ key, reason: skip.slice(0, 500), ...satisfies }];
}

function factsOf({ id, key, title, priority, dependencies, files, pin }: IssueDocument): PlanIssue {
  return { id, key, title, priority, dependencies, files, ...(pin ? { pin } : {}) };
}
