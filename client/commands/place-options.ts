import type { Command } from 'commander';
import type { forgeNames } from '../config/forge-schema.ts';
import type { Overrides } from '../config/overrides.ts';

/** Flags that say which repository is meant and where its forge is; the same for every command. */
export interface PlaceFlags {
  readonly repository?: string;
  readonly config?: string;
  readonly forge?: string;
  readonly forgeUrl?: string;
  readonly repo?: string;
}

/** Adds the options of `PlaceFlags`; `repository` describes one of them, and `kinds` are the forges that another takes. */
export function withPlaceOptions(
  command: Command,
  { repository, kinds }: { readonly repository: string; readonly kinds: readonly (typeof forgeNames)[number][] },
): Command {
  return command
    .option('-C, --repository <path>', `${repository} (default: where you are)`)
    .option('--config <file>', 'another millrace.yaml than the one on the base branch')
    .option('--forge <kind>', `${kinds.slice(0, -1).join(', ')} or ${kinds.at(-1)}`)
    .option('--forge-url <url>', 'address of the forge, where origin does not say it')
    .option('--repo <owner/name>', 'the repository on the forge, where origin does not say it');
}

/** What these flags override in the configuration. */
export function placeOverrides({ forge, forgeUrl, repo }: PlaceFlags): Overrides {
  return { forge, forgeUrl, repo };
}
