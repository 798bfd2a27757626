import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { ForgePlace } from '../../workflows/domain/settings.ts';
import { createCredential, isToken } from './credential.ts';
import { ForgeError } from '../failure/forge-error.ts';
import { isSameServer, type Variables, type NoCredential, type CredentialSource } from './source.ts';

/** What we read of tea's file; it is never written. */
const loginSchema = z.object({
  name: z.string(),
  url: z.string(),
  token: z.string().nullish(),
  default: z.boolean().nullish(),
  /** Epoch seconds, of logins by OAuth. */
  token_expiry: z.number().nullish(),
});
const configSchema = z.object({ logins: z.array(z.unknown()).nullish() });
type Login = z.infer<typeof loginSchema>;

/** A token must stay valid for a minute, see `Credential`. */
const MARGIN_MS = 60_000;

/** The login of Gitea's command line for that server. Tea renews logins by OAuth itself, so each token is read anew. */
export const teaLogin: CredentialSource = async (place, env) => {
  const found = await tokenFor(place.url, env);
  if ('tried' in found) return found;
  return createCredential({
    server: place.url,
    account: found.token,
    source: `tea login ${found.name}`,
    async token() {
      const now = await tokenFor(place.url, env);
      if ('tried' in now) throw new ForgeError('auth', `the login for ${place.url} is gone: ${now.tried}`);
      return now.token;
    },
  });
};

async function tokenFor(
  server: string,
  env: Variables,
): Promise<NoCredential | { readonly name: string; readonly token: string }> {
  const { path, logins } = await readLogins(env);
  if (logins === null) return { tried: `${path} is not there` };
  const here = logins.filter((login) => isSameServer(login.url, server));
  const login = here.find((each) => each.default) ?? here[0];
  if (!login) return { tried: `${path} has no login for ${server}` };
  const problem = problemOf(login);
  if (problem !== null) return { tried: `login ${shown(login)} of ${path} ${problem}` };
  return { name: shown(login), token: login.token?.trim() ?? '' };
}

function problemOf(login: Login): string | null {
  const expires = (login.token_expiry ?? 0) * 1000;
  if (expires > 0 && expires < Date.now() + MARGIN_MS)
    return `has expired: renew it by \`tea login oauth-refresh ${shown(login)}\``;
  const token = login.token?.trim() ?? '';
  if (token === '') return 'keeps its token in the keychain, where only tea finds it';
  return isToken(token) ? null : 'holds no token: there is white space or a control character in it';
}

/** The first of tea's files that is there. */
async function readLogins(env: Variables): Promise<{ path: string; logins: readonly Login[] | null }> {
  const paths = pathsOf(env);
  for (const path of paths) {
    const text = await readFile(path, 'utf8').catch(() => null);
    if (text !== null) return { path, logins: loginsIn(text) };
  }
  return { path: paths[0] ?? '', logins: null };
}

function loginsIn(text: string): readonly Login[] {
  try {
    const { logins } = configSchema.parse(parse(text));
    return (logins ?? []).flatMap((each) => loginSchema.safeParse(each).data ?? []);
  } catch {
    return []; // the parser's words would show lines of the file
  }
}

function pathsOf(env: Variables): readonly string[] {
  const named = env['XDG_CONFIG_HOME'];
  const home = env['HOME'] || homedir();
  const folders =
    named && isAbsolute(named)
      ? [named]
      : [
          ...(process.platform === 'darwin' ? [join(home, 'Library', 'Application Support')] : []),
          join(home, '.config'),
        ];
  return folders.map((folder) => join(folder, 'tea', 'config.yml'));
}

/** What a person types to get a credential; a server that nobody named a GitHub is taken for a Gitea, too. */
export function teaMend({ url }: ForgePlace): string {
  const page = `${url}/user/settings/applications`;
  const scopes = 'write:repository, write:issue, read:user';
  return `Make a token at ${page} (${scopes}), set MILLRACE_GITEA_TOKEN and start the worker again; or type \`tea login add --url ${url}\`. A GitHub Enterprise Server has to be named: \`--forge github\`, or \`forge: github\` in millrace.yaml`;
}

/** A name from a file, in a command that a person may copy. */
function shown({ name }: Login): string {
  return /^[A-Za-z0-9._-]{1,80}$/.test(name) ? name : 'NAME';
}
