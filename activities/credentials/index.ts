import type { RemoteForgeKind } from '../../workflows/domain/forge-facts.ts';
import type { ForgePlace } from '../../workflows/domain/settings.ts';
import type { Credential } from './credential.ts';
import { ForgeError } from '../failure/forge-error.ts';
import { ghLogin, ghMend } from './gh.ts';
import { githubApp } from './github-app.ts';
import type { Variables, CredentialSource } from './source.ts';
import { teaLogin, teaMend } from './tea.ts';
import { giteaToken, githubTokens, ourGiteaToken, ourGithubToken } from './variables.ts';

/** Finds out who we are to a forge. */
export interface Credentials {
  /** Asked once per place. @throws ForgeError `auth` that names every way that was tried, and what to type next. */
  find(kind: RemoteForgeKind, place: ForgePlace): Promise<Credential>;
}

interface Ways {
  /** Where a credential may be, in order; the first one found counts. */
  readonly sources: readonly CredentialSource[];
  /** What to type when there is none. */
  readonly mend: (place: ForgePlace) => string;
}

const ways: Readonly<Record<RemoteForgeKind, Ways>> = {
  github: {
    sources: [ourGithubToken, githubApp, githubTokens, ghLogin],
    mend: (place) => `Type \`${ghMend(place)}\`, or set MILLRACE_GITHUB_TOKEN and start the worker again`,
  },
  gitea: { sources: [ourGiteaToken, giteaToken, teaLogin], mend: teaMend },
};

/** Looks in the environment of this process, and at the logins of gh and tea. */
export function createCredentials(env: Variables): Credentials {
  const found = new Map<string, Promise<Credential>>();
  return {
    find(kind, place) {
      const name = JSON.stringify([kind, place.url, place.owner, place.name]);
      const credential = found.get(name) ?? firstOf(kind, place, env);
      found.set(name, credential);
      credential.catch(() => found.delete(name)); // a login that is made now counts for the next call
      return credential;
    },
  };
}

async function firstOf(kind: RemoteForgeKind, place: ForgePlace, env: Variables): Promise<Credential> {
  const tried: string[] = [];
  for (const source of ways[kind].sources) {
    const answer = await source(place, env);
    if (!('tried' in answer)) {
      await answer.token(); // now, so that everything that is found can be used and is known to `scrub`
      return answer;
    }
    tried.push(answer.tried);
  }
  const where = `${place.url} (${place.owner}/${place.name})`;
  throw new ForgeError('auth', `no credential for ${where}: ${tried.join('; ')}. ${ways[kind].mend(place)}`);
}
