import { landings, MAX_WIDTH, type Landing } from '../../workflows/domain/settings.ts';
import { UsageError } from '../input/errors.ts';
import { suggestion } from '../input/suggest.ts';
import { quote } from '../input/text.ts';
import { forgeNames } from './forge-schema.ts';

/** Flags that win over the configuration, as they were typed. */
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

/** What the flags say of the forge; null where they say nothing. */
export interface ForgeFlags {
  readonly kind: (typeof forgeNames)[number] | null;
  readonly url: string | null;
  readonly repo: string | null;
}

/** The flags, parsed; null where they were not given. @throws UsageError that names the flag. */
export function parseOverrides(overrides: Overrides): {
  readonly width: number | null;
  readonly landing: Landing | null;
  readonly forge: ForgeFlags;
} {
  const { width, landing, forge, forgeUrl, repo } = overrides;
  return {
    width: width === undefined ? null : parseWidth(width),
    landing:
      landing === undefined
        ? null
        : oneOf(landing, landings, { flag: '--landing', what: 'there is no landing policy' }),
    forge: {
      kind: forge === undefined ? null : oneOf(forge, forgeNames, { flag: '--forge', what: 'there is no forge' }),
      url: forgeUrl ?? null,
      repo: repo ?? null,
    },
  };
}

/** Which flag said what the setting at a path is; null: none did. */
export function flagAt(
  path: readonly PropertyKey[],
  { landing, forge }: ReturnType<typeof parseOverrides>,
): string | null {
  if (path[0] === 'landing' && landing !== null && (path[1] ?? 'policy') === 'policy') return '--landing';
  if (path[0] !== 'forge') return null;
  if (path[1] === 'url' && forge.url !== null) return '--forge-url';
  if (path[1] === 'repo' && forge.repo !== null) return '--repo';
  return forge.kind === null ? null : '--forge';
}

function parseWidth(text: string): number {
  const width = /^[0-9]{1,4}$/.test(text) ? Number(text) : 0;
  if (width >= 1 && width <= MAX_WIDTH) return width;
  const what = `${quote(text)} is not a whole number from 1 to ${MAX_WIDTH}`;
  throw new UsageError({ where: '--width', what, mend: 'write for example `--width 4`' });
}

function oneOf<T extends string>(
  text: string,
  allowed: readonly T[],
  { flag, what }: { readonly flag: string; readonly what: string },
): T {
  const found = allowed.find((each) => each === text);
  if (found !== undefined) return found;
  throw new UsageError({ where: flag, what: `${what} ${quote(text)}`, mend: suggestion(text, allowed) });
}
