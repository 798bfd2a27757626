import { forgeErrors } from '../../../workflows/domain/forge/error-kind.ts';
import { ForgeError } from '../../failure/forge-error.ts';
import type { Ensured } from '../forge.ts';

/** How something of ours is found, made and, made twice, undone. */
export interface Making<T> {
  /** All that carry the key and are ours, the one to keep first; asked of the forge each time. */
  readonly find: () => Promise<readonly T[]>;
  readonly create: () => Promise<T>;
  readonly numberOf: (made: T) => number;
  /** Undoes the others; left out: the forge cannot. */
  readonly retire?: (others: readonly T[], keep: T) => Promise<void>;
}

/** Looks, creates once, and looks again: an answer may be lost, and another attempt may act in the same moment. */
export async function ensureOne<T>({ find, create, numberOf, retire }: Making<T>): Promise<Ensured<T>> {
  const [known, ...older] = await find();
  if (known !== undefined) {
    if (older.length > 0) await retire?.(older, known);
    return { value: known, created: false };
  }
  const made = await create().catch((error: unknown) => {
    if (error instanceof ForgeError && mayBeThere(error)) return error;
    throw error;
  });
  const found = await find();
  const [keep, ...others] = made instanceof ForgeError ? found : withMade(found, { made, numberOf });
  if (keep === undefined) throw made;
  if (others.length > 0) await retire?.(others, keep);
  return { value: keep, created: !(made instanceof ForgeError) && numberOf(made) === numberOf(keep) };
}

/** A list may lag behind what was written a moment ago: what we made is there, whether it tells or not. */
function withMade<T>(
  found: readonly T[],
  { made, numberOf }: { readonly made: T } & Pick<Making<T>, 'numberOf'>,
): readonly T[] {
  return found.some((each) => numberOf(each) === numberOf(made)) ? found : [...found, made];
}

/** Whether a create that failed so may have had its effect. */
export function mayBeThere(error: unknown): boolean {
  return error instanceof ForgeError && forgeErrors[error.kind].mayHaveActed === true;
}
