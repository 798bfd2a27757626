import { badConfigs } from './bad-config.ts';
import { badFlags } from './bad-flag.ts';
import { badPlans } from './bad-plan.ts';
import type { Files } from './user-repository.ts';

/** Input that is refused at the door: what lies in the repository, what is typed, and what the answer has to say. */
export interface BadInput {
  readonly title: string;
  /** Over `goodFiles`; committed on main. */
  readonly files?: Files;
  /** In the working tree only. */
  readonly uncommitted?: Files;
  /** What follows `start-batch`; default: the good plan. */
  readonly args?: readonly string[];
  /** `none`: a folder without git; `unborn`: no commit yet. Default: one commit. */
  readonly repository?: 'none' | 'unborn';
  /** URL of the remote `origin`. */
  readonly origin?: string;
  /** Where and how to mend, at least; all of these are in the answer. */
  readonly says: readonly string[];
}

/** All of it; each entry says what is wrong in its title. */
export const badInputs: readonly BadInput[] = [...badConfigs, ...badPlans, ...badFlags];
