import { priorities, type IssueDocument, type Priority } from '../issue.ts';
import type { IssueRules } from '../settings.ts';

/** The priority of an issue with such labels: the most urgent one that a label means, else medium. */
export function priorityOf(labels: readonly string[], rules: IssueRules): Priority {
  const has = lowerCase(labels);
  return priorities.find((each) => rules.priorities[each].some((label) => has.has(label.toLowerCase()))) ?? 'medium';
}

/** The label that excludes an issue; null: none does. */
export function excludingLabel(labels: readonly string[], rules: IssueRules): string | null {
  const has = lowerCase(labels);
  return rules.exclude.find((label) => has.has(label.toLowerCase())) ?? null;
}

function lowerCase(labels: readonly string[]): ReadonlySet<string> {
  return new Set(labels.map((label) => label.toLowerCase()));
}

/** What issues are sorted by. */
export interface Ranked {
  readonly number: number;
  readonly createdAt: number;
  readonly labels: readonly string[];
}

/** Sorts issues: the most urgent first, then the oldest. */
export function byUrgency<T extends Ranked>(issues: readonly T[], rules: IssueRules): readonly T[] {
  const ranked = issues.map((issue) => ({ issue, rank: priorities.indexOf(priorityOf(issue.labels, rules)) }));
  ranked.sort((a, b) => a.rank - b.rank || a.issue.createdAt - b.issue.createdAt || a.issue.number - b.issue.number);
  return ranked.map(({ issue }) => issue);
}

/** Why an issue is left alone, and whether its dependents may start anyway. */
export interface Skip {
  readonly reason: string;
  readonly satisfies: boolean;
}

/** What is known of an issue without another request. */
export interface IssueFacts {
  readonly isClosed: boolean;
  readonly labels: readonly string[];
  /** Its pull requests; `approved`: ours, and its head carries our approval. */
  readonly pulls: readonly {
    readonly number: number;
    readonly state: 'open' | 'closed' | 'merged';
    readonly approved: boolean;
  }[];
}

/** Why an issue is skipped because of its own state; null: it is not. */
export function skipOf({ isClosed, labels, pulls }: IssueFacts, rules: IssueRules): Skip | null {
  const merged = pulls.find(({ state }) => state === 'merged');
  if (merged) return { reason: `pull request #${merged.number} for it is merged`, satisfies: true };
  if (isClosed) return { reason: 'it is closed', satisfies: true };
  const label = excludingLabel(labels, rules);
  if (label !== null) return { reason: `it has the label ${label}`, satisfies: false };
  const open = pulls.find(({ state }) => state === 'open');
  // Approved work is left to the batch: dependents start on it.
  if (!open || open.approved) return null;
  return { reason: `pull request #${open.number} for it is open`, satisfies: false };
}

/** Returns the issues, and skips those too that depend on one which is skipped without being done. */
export function heldBack(issues: readonly IssueDocument[]): readonly IssueDocument[] {
  const byId = new Map(issues.map((issue) => [issue.id, issue]));
  const blocks = new Map<string, string[]>();
  for (const { id, dependencies } of issues)
    for (const each of dependencies) blocks.set(each, [...(blocks.get(each) ?? []), id]);
  const reasons = new Map<string, string>();
  // The list grows while it is walked: dependents of a held issue are held, too.
  const held = issues.filter(({ skip, skipSatisfies }) => skip !== null && skipSatisfies === false).map(({ id }) => id);
  for (const id of held) {
    for (const dependent of blocks.get(id) ?? []) {
      if (reasons.has(dependent) || byId.get(dependent)?.skip !== null) continue;
      reasons.set(dependent, `it waits for #${id}, which is skipped`);
      held.push(dependent);
    }
  }
  return issues.map((issue) => {
    const reason = reasons.get(issue.id);
    return reason === undefined ? issue : { ...issue, skip: reason, skipSatisfies: false };
  });
}
