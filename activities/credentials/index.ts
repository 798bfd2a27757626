import type { ForgeKind, ForgePlace } from '../../workflows/domain/settings.ts';
import type { Credential } from './credential.ts';
import { ForgeError } from '../failure/forge-error.ts';
import { ghLogin, ghMend } from './gh.ts';
import { githubApp } from './github-app.ts';
import type { Environment, Source } from './source.ts';
import { teaLogin } from './tea.ts';
import { giteaToken, githubTokens, ourGiteaToken, ourGithubToken } from './variables.ts';

/** A forge that is spoken to by HTTP. */
export type RemoteForgeKind = Exclude<ForgeKind, 'local'>;

/** Finds out who we are towards a forge. */
export interface Credentials {
  /** Asked once per place. @throws ForgeError `auth` that names every way that was tried, and what to type next. */
  find(kind: RemoteForgeKind, place: ForgePlace): Promise<Credential>;
}

/** Ways to a credential, the first one that leads somewhere counts. */
const sources: Readonly<Record<RemoteForgeKind, readonly Source[]>> = {
  github: [ourGithubToken, githubApp, githubTokens, ghLogin],
  gitea: [ourGiteaToken, giteaToken, teaLogin],
};

/** Looks in the environment of this process, and at the logins of gh and tea. */
export function createCredentials(env: Environment): Credentials {
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

async function firstOf(kind: RemoteForgeKind, place: ForgePlace, env: Environment): Promise<Credential> {
  const tried: string[] = [];
  for (const source of sources[kind]) {
    const answer = await source(place, env);
    if (!('tried' in answer)) {
      await answer.token(); // now, so that everything that is found can be used and is known to `scrub`
      return answer;
    }
    tried.push(answer.tried);
  }
  const where = `${place.url} (${place.owner}/${place.name})`;
  throw new ForgeError('auth', `no credential for ${where}: ${tried.join('; ')}. ${mendOf(kind, place)}`);
}

function mendOf(kind: RemoteForgeKind, place: ForgePlace): string {
  switch (kind) {
    case 'github':
      return `Type \`${ghMend(place)}\`, or set MILLRACE_GITHUB_TOKEN and start the worker again`;
    case 'gitea': {
      const page = `${place.url}/user/settings/applications`;
      return `Make a token at ${page} (write:repository, write:issue, read:user), set MILLRACE_GITEA_TOKEN and start the worker again; or type \`tea login add --url ${place.url}\`. A GitHub Enterprise Server has to be named: \`--forge github\`, or \`forge: github\` in millrace.yaml`;
    }
  }
}
