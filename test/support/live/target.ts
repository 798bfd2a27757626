import type { RemoteForgeKind } from '../../../workflows/domain/forge-facts.ts';
import type { ForgePlace } from '../../../workflows/domain/settings.ts';

/** A scratch repository on a real server. */
export interface LiveTarget {
  readonly kind: RemoteForgeKind;
  readonly place: ForgePlace;
}

/** What the smoke suite may run on; a target is null where its variable is not set. */
export interface LiveChoice {
  readonly name: string;
  readonly variable: string;
  readonly target: LiveTarget | null;
}

/** Reads the variables of the smoke suite. @throws Error for one that names no repository. */
export function liveTargets(env: NodeJS.ProcessEnv): readonly LiveChoice[] {
  const choice = (name: string, kind: LiveTarget['kind'], server: string | null): LiveChoice => {
    const variable = `MILLRACE_LIVE_${kind.toUpperCase()}`;
    const value = env[variable];
    return { name, variable, target: value ? { kind, place: placeOf(variable, value, server) } : null };
  };
  return [choice('GitHub', 'github', 'https://github.com'), choice('Gitea', 'gitea', null)];
}

function placeOf(variable: string, value: string, server: string | null): ForgePlace {
  const [, url = server, owner, name] =
    /^(?:(https?:\/\/\S+?)\/)?([\w.-]+)\/([\w.-]+?)(?:\.git)?\/?$/.exec(value) ?? [];
  if (url && owner && name) return { url, owner, name };
  throw new Error(`${variable} must be ${server ? 'OWNER/NAME' : 'https://HOST/OWNER/NAME'}`);
}
