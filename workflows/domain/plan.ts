import type { IssueDocument } from './issue.ts';

/** The issues of one batch in the user's order, with what blocks what; a value, no effects. */
export interface PlanDocument {
  readonly version: 1;
  readonly name: string;
  readonly issues: readonly IssueDocument[];
}
