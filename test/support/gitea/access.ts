import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { openContainer } from './container.ts';

/** A Gitea that answers, and the tokens of its three accounts. */
export interface GiteaAccess {
  readonly url: string;
  readonly tokens: Readonly<Record<GiteaName, string>>;
  /** Folder of a server that our recipe runs; null: it is somebody else's, or in a container. */
  readonly state: string | null;
}

/** `admin` makes accounts and repositories; alice and bob have the least scopes that a bot needs. */
export type GiteaName = 'admin' | 'alice' | 'bob';

/** A Gitea and what ends it. */
export interface OpenedGitea {
  readonly access: GiteaAccess;
  close(): Promise<void>;
}

const recipe = join(dirname(fileURLToPath(import.meta.url)), 'recipe');

/** Longest build from nothing, on one slow core. */
const BUILD_MS = 20 * 60_000;

/** A running one, else one in a container, else one that Go builds (once); null and a line to `say`: none is to be had. */
export async function openGitea(say: (line: string) => void): Promise<OpenedGitea | null> {
  const running = runningGitea(process.env);
  if (running) return { access: running, close: async () => {} };
  const container = await openContainer(say);
  if (container) return container;
  say('building a Gitea by Go, unless there is one; the first time on a machine it takes minutes');
  const build = { reject: false, stdin: 'ignore', stderr: 'inherit', timeout: BUILD_MS } as const;
  const { exitCode } = await execa(join(recipe, 'build'), build);
  if (exitCode !== NOTHING_TO_BUILD_WITH) return startGitea();
  say('no GITEA_URL with its tokens, no container engine that answers, and no Go to build one: no Gitea');
  return null;
}

/** What the recipe ends with where there is neither a built one nor a Go; any other failure is one. */
const NOTHING_TO_BUILD_WITH = 3;

/** Starts an Actions runner for a server of ours; false: this one has none of ours. */
export async function startRunner({ state }: GiteaAccess): Promise<boolean> {
  if (state === null) return false;
  await execa(join(recipe, 'runner-up'), [state], { stdin: 'ignore', stderr: 'inherit', timeout: BUILD_MS });
  return true;
}

function runningGitea(env: NodeJS.ProcessEnv): GiteaAccess | null {
  const { GITEA_URL: url, TOKEN_ADMIN: admin, TOKEN_ALICE: alice, TOKEN_BOB: bob } = env;
  if (!url || !admin || !alice || !bob) return null;
  return { url: url.replace(/\/+$/, ''), tokens: { admin, alice, bob }, state: null };
}

/** @throws Error where there is something to build it with, and it could not be built. */
async function startGitea(): Promise<OpenedGitea> {
  const { stdout } = await execa(join(recipe, 'up'), { stdin: 'ignore', stderr: 'inherit', timeout: BUILD_MS });
  const values = Object.fromEntries([...stdout.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value]));
  const access = runningGitea(values);
  const state = values['GITEA_STATE'];
  if (!access || !state) throw new Error('the recipe started a Gitea and did not say where');
  const close = async () => void (await execa(join(recipe, 'down'), [state], { stdin: 'ignore', timeout: 60_000 }));
  return { access: { ...access, state }, close };
}
