import { randomUUID } from 'node:crypto';
import type { ForgePlace } from '../../../workflows/domain/settings.ts';
import type { GiteaName } from './access.ts';
import { createPushedRemote, type PushedRemote } from './pushed-remote.ts';
import type { GiteaServer } from './server.ts';

export interface GiteaRepositoryOptions {
  /** Default: alice. An organisation of this name is made where there is none. */
  readonly owner?: 'alice' | 'bob' | { readonly organisation: string };
  /** On `main`; default: a README. */
  readonly files?: Readonly<Record<string, string>>;
  /** A workflow of Gitea Actions, as YAML. */
  readonly ci?: string;
  readonly isPrivate?: boolean;
}

/** A repository on a real Gitea, with what a test makes in it. */
export interface GiteaRepository {
  readonly owner: string;
  readonly name: string;
  readonly place: ForgePlace;
  /** Without a credential. */
  readonly cloneUrl: string;
  /** What a person would do with a clone, in the owner's name. */
  readonly remote: PushedRemote;
  /** `/repos/owner/name`. */
  readonly path: string;
  issue(draft: {
    readonly title: string;
    readonly body?: string;
    readonly labels?: readonly string[];
    readonly as?: GiteaName;
  }): Promise<number>;
  /** Makes a label and tells its id. */
  label(name: string): Promise<number>;
  collaborator(name: GiteaName, permission: 'read' | 'write' | 'admin'): Promise<void>;
  protect(branch: string, rule: Readonly<Record<string, unknown>>): Promise<void>;
  /** Removes the clone; the repository stays for who looks at it afterwards. */
  dispose(): Promise<void>;
}

/** Makes one; the administrator does, since a bot's scopes do not. */
export async function createGiteaRepository(
  server: Pick<GiteaServer, 'url' | 'accounts' | 'ask'>,
  options: GiteaRepositoryOptions,
): Promise<GiteaRepository> {
  const { url, accounts, ask } = server;
  const name = `r-${randomUUID().slice(0, 13)}`;
  const owner = await ownerOf(server, options.owner ?? 'alice');
  const place = { url, owner: owner.login, name };
  const path = `/repos/${owner.login}/${name}`;
  const draft = { name, private: options.isPrivate ?? false, default_branch: 'main', auto_init: false };
  await ask(
    'admin',
    owner.isOrganisation ? `POST /orgs/${owner.login}/repos` : `POST /admin/users/${owner.login}/repos`,
    draft,
  );
  const cloneUrl = `${url}/${owner.login}/${name}.git`;
  const remote = await createPushedRemote({ url: cloneUrl, token: owner.token });
  const workflow = options.ci === undefined ? {} : { '.gitea/workflows/ci.yaml': options.ci };
  await remote.commit('main', 'start', { 'README.md': '# Sample\n', ...options.files, ...workflow });

  await filled(server, path);

  const labels = new Map<string, number>();
  const label = async (text: string) => {
    const known = labels.get(text);
    if (known !== undefined) return known;
    const { id } = await ask<{ id: number }>('admin', `POST ${path}/labels`, { name: text, color: '#aabbcc' });
    labels.set(text, id);
    return id;
  };
  return {
    owner: owner.login,
    name,
    place,
    cloneUrl,
    remote,
    path,
    label,
    async issue({ title, body = '', labels: wanted = [], as = owner.as }) {
      const ids: number[] = [];
      for (const each of wanted) ids.push(await label(each));
      const { number } = await ask<{ number: number }>(as, `POST ${path}/issues`, { title, body });
      // Only a writer may attach labels, and who opens an issue may be a stranger.
      if (ids.length > 0) await ask(owner.as, `POST ${path}/issues/${number}/labels`, { labels: ids });
      return number;
    },
    async collaborator(who, permission) {
      await ask('admin', `PUT ${path}/collaborators/${accounts[who].login}`, { permission });
    },
    async protect(branch, rule) {
      await ask('admin', `POST ${path}/branch_protections`, { rule_name: branch, ...rule });
    },
    dispose: () => remote.dispose(),
  };
}

/** Gitea learns by a queue that a repository is empty no longer. */
async function filled({ ask }: Pick<GiteaServer, 'ask'>, path: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const { empty } = await ask<{ empty: boolean }>('admin', `GET ${path}`);
    if (!empty) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${path} stayed empty after a push`);
}

interface Owner {
  readonly login: string;
  readonly token: string;
  readonly as: GiteaName;
  readonly isOrganisation: boolean;
}

async function ownerOf(
  { accounts, ask }: Pick<GiteaServer, 'accounts' | 'ask'>,
  owner: NonNullable<GiteaRepositoryOptions['owner']>,
): Promise<Owner> {
  if (typeof owner === 'string') {
    const { login, token } = accounts[owner];
    return { login, token, as: owner, isOrganisation: false };
  }
  const username = owner.organisation;
  await ask('admin', `GET /orgs/${username}`).catch(() => ask('admin', 'POST /orgs', { username }));
  return { login: username, token: accounts.admin.token, as: 'admin', isOrganisation: true };
}
