import type { IssueState } from '../domain/issue-state.ts';
import type { IssueInput } from '../domain/run.ts';

/** One issue while its workflow runs: what it was started with, and what it knows now. */
export interface IssueCore {
  readonly input: IssueInput;
  /** Replaced as a whole, by a transition of `domain/issue-transitions.ts`; read it again after each await. */
  state: IssueState;
}
