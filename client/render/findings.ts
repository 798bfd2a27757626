import type { Finding } from '../../workflows/domain/review.ts';
import type { FindingsView } from '../issue/objections.ts';
import { cleanLine } from '../../workflows/domain/words.ts';

/** Where a finding is: `src/a.ts:12`, `src/a.ts`; empty: it is about the work as a whole. */
export function placeOf({ file, line }: Pick<Finding, 'file' | 'line'>): string {
  return file === '' || line === null ? file : `${file}:${line}`;
}

/** What a review wants fixed, on one line: `2 major, 1 minor; src/a.ts:12: the colour is wrong`. */
export function findingsWords({ bySeverity, first }: FindingsView, length: number): string {
  const counts = Object.entries(bySeverity).map(([severity, count]) => `${count} ${severity}`);
  const place = placeOf(first);
  return cleanLine(`${counts.join(', ')}; ${place === '' ? '' : `${place}: `}${first.body}`, length);
}
