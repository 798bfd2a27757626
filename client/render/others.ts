import type { OtherBatch } from '../batch/list.ts';

/** One line about the other batches that still need something; null: none does. */
export function othersLine(others: readonly OtherBatch[]): string | null {
  if (others.length === 0) return null;
  const words = others.map(({ batch, open, stage, waiting }) => {
    if (waiting > 0) return `${batch} (${waiting === 1 ? '1 issue waits' : `${waiting} issues wait`} for a person)`;
    return `${batch} (${open && stage === 'waiting (human)' ? 'at rest' : stage})`;
  });
  return `not over yet: ${words.join(', ')}; look with: millrace status ${others[0]!.batch}`;
}
