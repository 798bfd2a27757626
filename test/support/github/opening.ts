import { randomBytes } from 'node:crypto';
import type { Permission } from '../../../activities/forges/account.ts';
import { createBareRemote } from '../git/bare-remote.ts';
import { githubContract } from './contract.ts';
import { createFaults } from './faults.ts';
import { createLimits } from './limits.ts';
import { listen, type Listening } from './listen.ts';
import { createObjects } from './objects.ts';
import { Desk, type Serving } from './server.ts';
import { emptyState, type AccountRecord } from './state.ts';
import type { AppSeed, Ci, RepositorySettings, World } from './world.ts';

/** An account that the fake is to know. */
export interface AccountSeed {
  readonly permission: Permission;
  /** Scopes of its classic token, by default `repo`; null: a fine-grained one, which may not read checks. */
  readonly scopes?: readonly string[] | null;
}

export interface FakeGithubOptions {
  /** `owner/name`. Default `acme/widgets`. */
  readonly repo?: string;
  /** By login. Default: `maintainer` (admin), `millrace-bot` and `reviewer` (write), `stranger` (none). */
  readonly accounts?: Readonly<Record<string, AccountSeed>>;
  readonly settings?: Partial<RepositorySettings>;
  /** How the checks of each pushed head end. Default: there are none. */
  readonly onPush?: Ci;
  readonly app?: AppSeed;
}

/** The fake with its servers, before anything is asked of it. */
export interface Opened extends Serving {
  readonly desk: Desk;
  close(): Promise<void>;
}

const defaultAccounts: Readonly<Record<string, AccountSeed>> = {
  maintainer: { permission: 'admin' },
  'millrace-bot': { permission: 'write' },
  reviewer: { permission: 'write' },
  stranger: { permission: 'none' },
};

const defaultSettings: RepositorySettings = {
  isPrivate: false,
  isArchived: false,
  hasIssues: true,
  allowAutoMerge: true,
  mergeMethods: ['merge', 'squash', 'rebase'],
  deleteBranchOnMerge: false,
  mergeableLag: 1,
  searchLags: false,
  rules: {},
};

/** Starts it on free ports of the loopback. */
export async function openFake(options: FakeGithubOptions): Promise<Opened> {
  const [owner = '', name = ''] = (options.repo ?? 'acme/widgets').split('/');
  const remote = await createBareRemote();
  await remote.git.run(['config', 'http.receivepack', 'true']);
  await remote.git.run(['config', 'uploadpack.allowAnySHA1InWant', 'true']);
  const holder: { at?: Opened } = {};
  const server = await listen((request, response) => {
    holder.at?.desk.answer(request, response).catch((error: unknown) => {
      holder.at?.violations.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
      response.destroy();
    });
  });
  const logs = await listenForLogs(holder);
  const world: World = {
    owner,
    name,
    origin: server.origin,
    logOrigin: logs.origin,
    contract: githubContract(),
    remote,
    objects: createObjects(remote.git),
    accounts: accountsOf(options.accounts ?? defaultAccounts),
    settings: { ...defaultSettings, ...options.settings },
    app: options.app ?? null,
    minted: new Map(),
    state: emptyState(),
    ci: options.onPush ?? (() => []),
    ...clock(),
  };
  world.state.tips.set('main', await remote.tip('main'));
  const serving: Serving = { world, faults: createFaults(), limits: createLimits(), requests: [], violations: [] };
  const close = async () => {
    await Promise.all([server.close(), logs.close()]);
    await world.objects.end();
    await remote.dispose();
  };
  return (holder.at = { ...serving, desk: new Desk(serving), close });
}

/** Logs lie on another origin, which is told no token. */
function listenForLogs(holder: { readonly at?: Opened }): Promise<Listening> {
  return listen((request, response) => {
    const path = request.url ?? '';
    const isSpoken = request.headers.authorization !== undefined;
    const id = Number(/^\/logs\/(\d+)\?/.exec(path)?.[1]);
    const text = holder.at?.world.state.checks.find((each) => each.id === id)?.log;
    const status = isSpoken ? 400 : text === undefined ? 404 : 200;
    if (isSpoken) holder.at?.violations.push('a token was sent to the origin of the logs');
    holder.at?.requests.push({
      kind: 'log',
      account: null,
      method: 'GET',
      path,
      operation: 'log',
      status,
      isWrite: false,
      fault: null,
    });
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(status === 200 ? text : '');
  });
}

function accountsOf(seeds: Readonly<Record<string, AccountSeed>>): readonly AccountRecord[] {
  return Object.entries(seeds).map(([login, { permission, scopes = ['repo'] }], index) => ({
    id: 7001 + index * 13,
    login,
    permission,
    scopes,
    token: `${scopes === null ? 'github_pat_' : 'ghp_'}${randomBytes(18).toString('hex')}`,
  }));
}

/** Ids that never come twice, and GitHub's times, which have whole seconds. */
function clock(): Pick<World, 'nextId' | 'now'> {
  let last = 1_000_000;
  return {
    nextId: () => (last += 1),
    now: () => new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
  };
}
