import type { BatchEntry } from '../batch/list.ts';

/** One line on the open batches beside the one that is shown; null: there is none. */
export function othersLine(others: readonly BatchEntry[]): string | null {
  if (others.length === 0) return null;
  const words = others.map(
    ({ batch, stage }) => `${batch} (${stage === 'waiting (human)' ? 'waits for a person' : stage})`,
  );
  return `also open: ${words.join(', ')}; look with: millrace status ${others[0]!.batch}`;
}
