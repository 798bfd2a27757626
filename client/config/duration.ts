import ms from 'ms';
import type { Problem } from '../input/errors.ts';
import { quote } from '../input/text.ts';

/** Longest duration that a setting can have: a day. Node's timers end at 24.8 days. */
const MAX_MS = 24 * 60 * 60 * 1000;

/** A written duration (`45m`) in milliseconds; 0 and more than a day are problems. */
export function durationMs(written: string, where: string, problems: Problem[]): number {
  const value = ms(written as ms.StringValue);
  if (value >= 1 && value <= MAX_MS) return Math.round(value);
  problems.push({ where, what: `${quote(written)} is not between 1ms and 24h`, mend: 'write for example `45m`' });
  return MAX_MS;
}
