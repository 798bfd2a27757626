import type { Selected, SelectRequest } from '../workflows/domain/door.ts';
import type { Settings } from '../workflows/domain/settings.ts';
import type { Forge } from './forges/forge.ts';
import { Refused } from './refusal.ts';

export interface SelectInput {
  readonly settings: Settings;
  readonly request: SelectRequest;
  /** When the texts are read, epoch ms. */
  readonly now: number;
}

/** Issues of a forge as a plan. @throws Refused, ForgeError. */
export async function selectIssues(_forge: Forge, _input: SelectInput): Promise<Selected> {
  throw new Refused([{ where: 'start-batch', what: 'issues of a forge cannot be selected yet', mend: 'give a plan' }]);
}
