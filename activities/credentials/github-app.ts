import { readFile } from 'node:fs/promises';
import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/rest';
import { z } from 'zod';
import type { ForgePlace } from '../../workflows/domain/settings.ts';
import { createCredential, isToken, type Credential } from './credential.ts';
import { ForgeError } from '../failure/forge-error.ts';
import { apiUrl } from './github-address.ts';
import type { Variables, CredentialSource } from './source.ts';

/** Longest wait for GitHub's answer to one request. */
const ANSWER_MS = 30_000;

/** A token lives for an hour; it is renewed this long before it ends, so that no request meets the end. */
const MARGIN_MS = 5 * 60_000;

const names = { id: 'MILLRACE_GITHUB_APP_ID', key: 'MILLRACE_GITHUB_APP_KEY_FILE' } as const;
const installationName = 'MILLRACE_GITHUB_APP_INSTALLATION_ID';

const tokenSchema = z.object({ token: z.string().refine(isToken), expiresAt: z.iso.datetime({ offset: true }) });
const installationSchema = z.object({ id: z.int().positive() });

/** The installation of a GitHub App on the repository; half of its settings is an error, not a reason to look elsewhere. */
export const githubApp: CredentialSource = async (place, env) => {
  const app = env[names.id]?.trim() ?? '';
  const keyFile = env[names.key] ?? '';
  if (app === '' && keyFile === '') return { tried: `${names.id} is not set` };
  if (app === '' || keyFile === '')
    throw new ForgeError('auth', `${names.id} and ${names.key} belong together: set both`);
  if (!/^[A-Za-z0-9._-]{1,100}$/.test(app)) throw new ForgeError('auth', `${names.id} is not the id of a GitHub App`);
  return installed({ place, app, privateKey: await keyIn(keyFile), named: installationIn(env) });
};

interface AppLogin {
  readonly place: ForgePlace;
  readonly app: string;
  readonly privateKey: string;
  /** Null: to be found by the repository. */
  readonly named: number | null;
}

async function installed({ place, app, privateKey, named }: AppLogin): Promise<Credential> {
  const { request } = new Octokit({ baseUrl: apiUrl(place), request: { fetch: patientFetch }, log: silent });
  const auth = createAppAuth({ appId: app, privateKey, request, log: silent });
  const told = <T>(what: string, answer: () => Promise<T>): Promise<T> =>
    answer().catch((error: unknown) => {
      throw problemOf(error, { what, app, place });
    });
  const installation =
    named ??
    (await told('find its installation', async () => {
      const { token } = await auth({ type: 'app' });
      const { data } = await request('GET /repos/{owner}/{repo}/installation', {
        owner: place.owner,
        repo: place.name,
        headers: { authorization: `bearer ${token}` },
      });
      return installationSchema.parse(data).id;
    }));

  let now: { readonly token: string; readonly endsAt: number } | null = null;
  let renewal: Promise<string> | null = null;
  const renew = () =>
    told('get a token', async () => {
      const answer = await auth({ type: 'installation', installationId: installation, refresh: true });
      const { token, expiresAt } = tokenSchema.parse(answer);
      now = { token, endsAt: Date.parse(expiresAt) };
      return token;
    });
  return createCredential({
    server: place.url,
    account: `app ${app} installation ${installation}`,
    source: `GitHub App ${app}`,
    async token() {
      if (now && now.endsAt - Date.now() > MARGIN_MS) return now.token;
      renewal ??= renew().finally(() => (renewal = null));
      return renewal;
    },
  });
}

async function keyIn(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new ForgeError(
      'auth',
      `${names.key} names ${path}, which cannot be read (${error.code ?? 'no reason told'})`,
    );
  });
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return text;
  throw new ForgeError(
    'auth',
    `${names.key} names ${path}, which is not a private key: download one from the App's settings`,
  );
}

function installationIn(env: Variables): number | null {
  const text = env[installationName]?.trim() ?? '';
  if (text === '') return null;
  if (/^[0-9]{1,15}$/.test(text)) return Number(text);
  throw new ForgeError(
    'auth',
    `${installationName} is not a number; leave it out, and it is looked up by the repository`,
  );
}

/** A redirected request would carry the App's proof to another server. */
const patientFetch: typeof fetch = (input, init) =>
  fetch(input, { ...init, redirect: 'manual', signal: AbortSignal.timeout(ANSWER_MS) });

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

function problemOf(
  error: unknown,
  at: { readonly what: string; readonly app: string; readonly place: ForgePlace },
): ForgeError {
  const { what, app, place } = at;
  const facts = error as { status?: unknown; response?: unknown; message?: unknown };
  const words = `GitHub App ${app} cannot ${what} for ${place.owner}/${place.name} on ${place.url}`;
  const told = String(facts.message).slice(0, 300);
  const status = facts.response !== undefined && typeof facts.status === 'number' ? facts.status : null;
  if (status === null) {
    // Only a request has a status: without one the key itself was refused, or the answer did not parse.
    if (error instanceof z.ZodError)
      return new ForgeError('response-invalid', `${words}: the answer has no token or id`);
    return new ForgeError(facts.status === undefined ? 'auth' : 'network', `${words}: ${told}`);
  }
  if (status >= 500) return new ForgeError('server', `${words}: ${told}`, { status });
  if (status === 429) return new ForgeError('rate-limit', `${words}: ${told}`, { status });
  const mend =
    status === 404
      ? `install the App on that repository, or correct ${installationName}`
      : `check ${names.id} and ${names.key}, and the clock of this machine`;
  return new ForgeError('auth', `${words}: ${told}; ${mend}`, { status });
}
