import { landings, MAX_WIDTH, type Landing } from '../../workflows/domain/settings.ts';
import { UsageError, type Problem } from '../input/errors.ts';
import { suggestion } from '../input/suggest.ts';
import { quote } from '../input/text.ts';
import { forgeNames } from './forge-schema.ts';

/** Flags that override the configuration, as typed. */
export interface Overrides {
  /** `--width N` */
  readonly width?: string | undefined;
  /** `--landing POLICY` */
  readonly landing?: string | undefined;
  /** `--forge KIND` */
  readonly forge?: string | undefined;
  /** `--forge-url URL` */
  readonly forgeUrl?: string | undefined;
  /** `--repo OWNER/NAME` */
  readonly repo?: string | undefined;
}

/** What the flags say about the forge; null: nothing. */
export interface ForgeFlags {
  readonly kind: (typeof forgeNames)[number] | null;
  readonly url: string | null;
  readonly repo: string | null;
}

/** The flags as settings; null where they were not given. */
export interface ParsedOverrides {
  readonly width: number | null;
  readonly landing: Landing | null;
  readonly forge: ForgeFlags;
}

/** The flags that are right, and what is wrong with the others. */
export interface ReadOverrides {
  readonly parsed: ParsedOverrides;
  readonly problems: readonly Problem[];
}

/** Checks the flags. @throws UsageError that names each wrong one. */
export function parseOverrides(overrides: Overrides): ParsedOverrides {
  const { parsed, problems } = readOverrides(overrides);
  if (problems.length > 0) throw new UsageError(problems);
  return parsed;
}

/** The flags, one by one. */
export function readOverrides({ width, landing, forge, forgeUrl, repo }: Overrides): ReadOverrides {
  const problems: Problem[] = [];
  const parsed: ParsedOverrides = {
    width: width === undefined ? null : parseWidth(width, problems),
    landing: oneOf(landing, landings, { flag: '--landing', what: 'there is no landing policy', problems }),
    forge: {
      kind: oneOf(forge, forgeNames, { flag: '--forge', what: 'there is no forge', problems }),
      url: forgeUrl ?? null,
      repo: repo ?? null,
    },
  };
  return { parsed, problems };
}

/** The flag that set the value at a path; null: no flag did. */
export function flagAt(path: readonly PropertyKey[], { landing, forge }: ParsedOverrides): string | null {
  if (path[0] === 'landing' && landing !== null && (path[1] ?? 'policy') === 'policy') return '--landing';
  if (path[0] !== 'forge') return null;
  if (path[1] === 'url' && forge.url !== null) return '--forge-url';
  if (path[1] === 'repo' && forge.repo !== null) return '--repo';
  return forge.kind === null ? null : '--forge';
}

function parseWidth(text: string, problems: Problem[]): number | null {
  const width = /^[0-9]{1,4}$/.test(text) ? Number(text) : 0;
  if (width >= 1 && width <= MAX_WIDTH) return width;
  const what = `${quote(text)} is not a whole number from 1 to ${MAX_WIDTH}`;
  problems.push({ where: '--width', what, mend: 'write for example `--width 4`' });
  return null;
}

interface Choice {
  readonly flag: string;
  readonly what: string;
  readonly problems: Problem[];
}

function oneOf<T extends string>(
  text: string | undefined,
  allowed: readonly T[],
  { flag, what, problems }: Choice,
): T | null {
  if (text === undefined) return null;
  const found = allowed.find((each) => each === text);
  if (found !== undefined) return found;
  problems.push({ where: flag, what: `${what} ${quote(text)}`, mend: suggestion(text, allowed) });
  return null;
}
