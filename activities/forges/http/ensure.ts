import { forgeErrors } from '../../../workflows/domain/forge/error-kind.ts';
import { ForgeError } from '../../failure/forge-error.ts';
import type { Ensured } from '../forge.ts';

/** How something of ours is found, made, and removed if it was made twice. */
export interface Making<T> {
  /** Everything of ours with the key, the one to keep first; asks the forge each time. */
  readonly find: () => Promise<readonly T[]>;
  readonly create: () => Promise<T>;
  readonly numberOf: (made: T) => number;
  /** Removes the others; left out: the forge cannot. */
  readonly retire?: (others: readonly T[], keep: T) => Promise<void>;
}

/** Looks, creates once, and looks again: an answer may be lost, and another attempt may act at the same moment. */
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

/** A list may lag behind a recent write: what we made exists, even if it is not listed yet. */
function withMade<T>(
  found: readonly T[],
  { made, numberOf }: { readonly made: T } & Pick<Making<T>, 'numberOf'>,
): readonly T[] {
  return found.some((each) => numberOf(each) === numberOf(made)) ? found : [...found, made];
}

/** Whether a failed create may still have taken effect. */
export function mayBeThere(error: unknown): boolean {
  return error instanceof ForgeError && forgeErrors[error.kind].mayHaveActed === true;
}
