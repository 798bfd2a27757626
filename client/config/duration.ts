import ms from 'ms';
import { UsageError } from '../input/errors.ts';
import { quote } from '../input/text.ts';

/** Longest duration that a setting can have: a day; timers of Node end at 24.8. */
const MAX_MS = 24 * 60 * 60 * 1000;

/** A written duration (`45m`) in milliseconds. @throws UsageError for 0 and for more than a day. */
export function durationMs(written: string, where: string): number {
  const value = ms(written as ms.StringValue);
  if (value >= 1 && value <= MAX_MS) return Math.round(value);
  throw new UsageError({
    where,
    what: `${quote(written)} is not between 1ms and 24h`,
    mend: 'write for example `45m`',
  });
}
