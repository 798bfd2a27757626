import type { ForgeErrorKind } from '../../../workflows/domain/forge/error-kind.ts';
import { ForgeError } from '../../failure/forge-error.ts';

/** For `catch`: returns null for these kinds, and rethrows everything else. */
export function unless(...kinds: readonly ForgeErrorKind[]): (error: unknown) => null {
  return (error) => {
    if (error instanceof ForgeError && kinds.includes(error.kind)) return null;
    throw error;
  };
}
