import { ForgeError } from '../../failure/forge-error.ts';
import type { Forge } from '../forge.ts';

/** A plan is the only place of an issue here. */
function refused(): never {
  throw new ForgeError(
    'unsupported',
    'the local forge keeps no issues: give a plan.yaml, a tasks.json or --issue, or name a forge that has them',
  );
}

/** The part of a forge that needs issues, for one that keeps none. */
export const withoutIssues: Pick<
  Forge,
  | 'issues'
  | 'issue'
  | 'comments'
  | 'blockedBy'
  | 'isOpenElsewhere'
  | 'labelSetters'
  | 'textEditedAt'
  | 'permission'
  | 'ensureIssue'
  | 'label'
> = {
  issues: async () => refused(),
  issue: async () => refused(),
  comments: async () => refused(),
  blockedBy: async () => refused(),
  isOpenElsewhere: async () => refused(),
  labelSetters: async () => refused(),
  textEditedAt: async () => refused(),
  permission: async () => 'admin',
  ensureIssue: async () => refused(),
  label: async () => {},
};
