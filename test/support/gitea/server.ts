import { startRunner, type GiteaAccess, type GiteaName } from './access.ts';
import { createGiteaRepository, type GiteaRepository, type GiteaRepositoryOptions } from './repository.ts';

/** A real Gitea, empty but for its accounts. */
export interface GiteaServer {
  readonly url: string;
  readonly accounts: Readonly<Record<GiteaName, GiteaAccount>>;
  /** A request to the API in somebody's name; the answer whatever its status. */
  api(as: GiteaName, request: string, body?: unknown): Promise<GiteaAnswer>;
  /** The same where anything but success is a mistake of the test. */
  ask<T>(as: GiteaName, request: string, body?: unknown): Promise<T>;
  createRepository(options?: GiteaRepositoryOptions): Promise<GiteaRepository>;
  /** Another token of an account, with fewer scopes. */
  token(of: GiteaName, scopes: readonly string[]): Promise<string>;
  /** Makes workflows run; true as well where a runner was there already. False: none is to be had. */
  startRunner(): Promise<boolean>;
  /** Removes the clones of its repositories; the server goes on for the other suites. */
  dispose(): Promise<void>;
}

export interface GiteaAccount {
  readonly id: number;
  readonly login: string;
  readonly token: string;
}

export interface GiteaAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Speaks to a Gitea that `openGitea` found or started, and that whoever asked for it closes. */
export async function giteaAt(access: GiteaAccess): Promise<GiteaServer> {
  const { url, tokens } = access;
  const api = (as: GiteaName, request: string, body?: unknown) => send(url, `token ${tokens[as]}`, { request, body });
  const ask = async <T>(as: GiteaName, request: string, body?: unknown): Promise<T> => {
    const answer = await api(as, request, body);
    if (answer.status < 300) return answer.body as T;
    throw new Error(`${as}: ${request} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  };
  const account = async (name: GiteaName): Promise<GiteaAccount> => {
    const { id, login } = await ask<{ id: number; login: string }>(name, 'GET /user');
    return { id, login, token: tokens[name] };
  };
  const accounts = { admin: await account('admin'), alice: await account('alice'), bob: await account('bob') };
  const made: GiteaRepository[] = [];
  const hasRunner = async () => {
    const { runners } = await ask<{ runners: { status: string }[] | null }>('admin', 'GET /admin/actions/runners');
    return (runners ?? []).some(({ status }) => status === 'online');
  };
  return {
    url,
    accounts,
    api,
    ask,
    async createRepository(options = {}) {
      const repository = await createGiteaRepository({ url, accounts, ask }, options);
      made.push(repository);
      return repository;
    },
    async token(of, scopes) {
      const { login } = accounts[of];
      const name = `t-${Math.random().toString(36).slice(2)}`;
      // Gitea gives out tokens to a password alone; a running server's accounts are those of the recipe.
      const basic = `Basic ${Buffer.from(`${login}:pw-${login}-12345`).toString('base64')}`;
      const answer = await send(url, basic, { request: `POST /users/${login}/tokens`, body: { name, scopes } });
      if (answer.status === 201) return (answer.body as { sha1: string }).sha1;
      throw new Error(`no token for ${login}: ${answer.status}`);
    },
    startRunner: async () => (await hasRunner()) || (await startRunner(access)),
    async dispose() {
      for (const repository of made.splice(0)) await repository.dispose();
    },
  };
}

async function send(
  url: string,
  authorization: string,
  { request, body }: { readonly request: string; readonly body?: unknown },
): Promise<GiteaAnswer> {
  const [method = 'GET', path = ''] = request.split(' ', 2);
  const answer = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { authorization, 'content-type': 'application/json' },
    signal: AbortSignal.timeout(60_000),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? null : parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
