import type { PlanIssue } from './domain/issue.ts';
import { loadPlan } from './proxies.ts';

/** What one plan document holds, all pages of it. */
export interface PlanContents {
  /** sha256 of the document. */
  readonly plan: string;
  readonly issues: readonly PlanIssue[];
  /** Issues that the plan itself leaves out; dependents may start unless it says otherwise. */
  readonly skips: readonly { readonly key: string; readonly satisfies?: boolean }[];
}

/** Which plan, of which repository: names of documents. */
export interface PlanRef {
  readonly repo: string;
  readonly settings: string;
  readonly plan: string;
}

/** Reads a plan page by page, since 10,000 issues do not fit into one payload. */
export async function readPlan({ repo, settings, plan }: PlanRef): Promise<PlanContents> {
  const issues: PlanIssue[] = [];
  const skips: PlanContents['skips'][number][] = [];
  for (let cursor: number | null = 0; cursor !== null;) {
    const page: Awaited<ReturnType<typeof loadPlan>> = await loadPlan({ repo, settings, plan, cursor });
    issues.push(...page.issues);
    skips.push(...page.skips);
    cursor = page.next;
  }
  return { plan, issues, skips };
}
