import { accessProblems, type AccessWish } from '../../workflows/domain/forge/access.ts';
import type { Forge } from '../forges/forge.ts';
import { Refused } from '../failure/refusal.ts';

/** Asks the forge whether work can be delivered at all. @throws Refused with the words of `doctor` where it cannot, ForgeError. */
export async function mustTakeWork(
  forge: Pick<Forge, 'access'>,
  wish: AccessWish,
  asked: { readonly issues: boolean },
): Promise<void> {
  const problems = accessProblems(wish, await forge.access(), asked);
  if (problems.length > 0) throw new Refused(problems);
}
