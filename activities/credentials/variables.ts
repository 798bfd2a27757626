import { createCredential, isToken } from './credential.ts';
import { isGithubCom, isSameServer, type Variables, type CredentialSource } from './source.ts';

/** A variable that holds a token, and those that say which server it is for. */
interface Named {
  readonly token: string;
  readonly servers: readonly string[];
  /** If none of them is set: for no server, or for whichever the clone names. */
  readonly otherwise: 'none' | 'any';
}

/** A token that was meant for us. */
export const ourGithubToken = fromVariables([
  { token: 'MILLRACE_GITHUB_TOKEN', servers: ['MILLRACE_GITHUB_URL'], otherwise: 'any' },
]);

/** The same for Gitea and Forgejo. */
export const ourGiteaToken = fromVariables([
  { token: 'MILLRACE_GITEA_TOKEN', servers: ['MILLRACE_GITEA_URL'], otherwise: 'any' },
]);

const ofGh = (token: string): Named => ({ token, servers: [], otherwise: 'any' });
const cloudTokens = fromVariables(['GH_TOKEN', 'GITHUB_TOKEN'].map(ofGh));
const enterpriseTokens = fromVariables(['GH_ENTERPRISE_TOKEN', 'GITHUB_ENTERPRISE_TOKEN'].map(ofGh));

/** The variables of `gh`: those of github.com never reach another host. */
export const githubTokens: CredentialSource = (place, env) =>
  (isGithubCom(place) ? cloudTokens : enterpriseTokens)(place, env);

/** The variable of `tea`, which other tools share: a token set for one server is never shown to another that a clone names. */
export const giteaToken = fromVariables([
  { token: 'GITEA_TOKEN', servers: ['GITEA_INSTANCE_URL', 'GITEA_URL'], otherwise: 'none' },
]);

function fromVariables(names: readonly Named[]): CredentialSource {
  return async (place, env) => {
    const tried: string[] = [];
    for (const named of names) {
      const value = env[named.token]?.trim() ?? '';
      const problem = problemOf(value, { named, env, server: place.url });
      if (problem !== null) tried.push(`${named.token} ${problem}`);
      else
        return createCredential({ server: place.url, account: value, source: named.token, token: async () => value });
    }
    return { tried: tried.join('; ') };
  };
}

function problemOf(
  value: string,
  { named, env, server }: { readonly named: Named; readonly env: Variables; readonly server: string },
): string | null {
  if (value === '') return 'is not set';
  if (!isToken(value)) return 'is no token: it holds white space or control characters';
  const told = named.servers.filter((name) => env[name]);
  if (told.length === 0 && named.otherwise === 'none')
    return `is not used: set ${named.servers[0]} to the address of the server that it is for`;
  if (told.length === 0 || told.some((name) => isSameServer(env[name] ?? '', server))) return null;
  return `is for another server: ${told.join(' and ')} names it`;
}
