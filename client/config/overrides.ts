import { landings, type Landing } from '../../workflows/domain/settings.ts';
import { UsageError } from '../errors.ts';
import { suggestion } from '../suggest.ts';
import { quote } from '../text.ts';
import { MAX_WIDTH } from './schema.ts';

/** Flags that win over the configuration, as they were typed. */
export interface Overrides {
  /** `--width N` */
  readonly width?: string | undefined;
  /** `--landing POLICY` */
  readonly landing?: string | undefined;
}

/** The flags, parsed; null where they were not given. @throws UsageError that names the flag. */
export function parseOverrides(overrides: Overrides): {
  readonly width: number | null;
  readonly landing: Landing | null;
} {
  return {
    width: overrides.width === undefined ? null : parseWidth(overrides.width),
    landing: overrides.landing === undefined ? null : parseLanding(overrides.landing),
  };
}

function parseWidth(text: string): number {
  const width = /^[0-9]{1,4}$/.test(text) ? Number(text) : 0;
  if (width >= 1 && width <= MAX_WIDTH) return width;
  const what = `${quote(text)} is not a whole number from 1 to ${MAX_WIDTH}`;
  throw new UsageError({ where: '--width', what, mend: 'write for example `--width 4`' });
}

function parseLanding(text: string): Landing {
  const landing = landings.find((each) => each === text);
  if (landing) return landing;
  throw new UsageError({
    where: '--landing',
    what: `there is no landing policy ${quote(text)}`,
    mend: suggestion(text, landings),
  });
}
