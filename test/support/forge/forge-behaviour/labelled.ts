import type { Forge } from '../../../../activities/forges/forge.ts';
import { taskKey } from '../../../../activities/forges/key.ts';
import { unique } from './stage.ts';

/** Files that many issues with one label, five at a time: SQLite is slow at parallel writes. Their numbers. */
export async function createLabelled(
  forge: Forge,
  want: { readonly label: string; readonly count: number },
): Promise<readonly number[]> {
  const numbers: number[] = [];
  const draft = { title: 'One of many', body: '', labels: [want.label], blockedBy: [] };
  while (numbers.length < want.count) {
    const part = Array.from({ length: Math.min(5, want.count - numbers.length) }, () => taskKey(unique('many')));
    const made = await Promise.all(part.map((key) => forge.ensureIssue(key, draft)));
    numbers.push(...made.map(({ value }) => value.number));
  }
  return numbers;
}
