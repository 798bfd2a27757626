import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Forge } from '../../../activities/forges/forge.ts';
import type { IssueIdentity } from '../../../activities/forges/identity.ts';
import { textHashOf } from '../../../activities/forges/key.ts';
import { createGiteaForge } from '../../../activities/forges/gitea.ts';
import { createGit } from '../../../activities/git/git.ts';
import type { Pace } from '../../../activities/forges/pace.ts';
import { createRemoteReader } from '../../../activities/git/remote.ts';
import type { ForgePlace } from '../../../workflows/domain/settings.ts';
import type { GiteaName } from './access.ts';
import type { GiteaRepository, GiteaRepositoryOptions } from './repository.ts';
import type { GiteaServer } from './server.ts';

/** The adapter on a repository of a real Gitea. */
export interface GiteaStage {
  readonly server: GiteaServer;
  readonly repository: GiteaRepository;
  /** As alice, or as the owner. */
  readonly forge: Forge;
  /** As bob, who may write where he is one of the `writers`. */
  readonly other: Forge;
  /** With a token that nobody gave out. */
  readonly stranger: Forge;
  requireStatuses(this: void, contexts: readonly string[]): Promise<void>;
  readonly remote: GiteaRepository['remote'];
  /** The same repository as somebody else, with another token, or at another address. */
  as(who: { readonly name?: GiteaName; readonly token?: string; readonly url?: string }): Forge;
  newIssue(): Promise<IssueIdentity>;
  editIssue(this: void, issue: IssueIdentity, text: { readonly title?: string; readonly body?: string }): Promise<void>;
  /** The issue as a batch pins it. */
  identify(number: number): Promise<IssueIdentity>;
  dispose(): Promise<void>;
}

/** No wait: a Gitea has no limits, and what they cost is tested elsewhere. */
const unpaced: Pace = { turn: async () => {}, learn: async () => {} };

export interface GiteaStageOptions extends GiteaRepositoryOptions {
  /** Who may write besides the owner; default: nobody. */
  readonly writers?: readonly GiteaName[];
}

export async function openGiteaStage(server: GiteaServer, options: GiteaStageOptions = {}): Promise<GiteaStage> {
  const repository = await server.createRepository(options);
  const mirror = await mkdtemp(join(tmpdir(), 'millrace-mirror-'));
  await execa('git', ['init', '--quiet', '--bare', '--', mirror]);
  const behind = createRemoteReader({ mirror: async () => createGit(mirror), remote: repository.cloneUrl });
  const as: GiteaStage['as'] = ({ name = 'alice', token = server.accounts[name].token, url = server.url }) =>
    forgeAt({ ...repository.place, url }, { token, remote: behind });
  const forge = as({});
  for (const name of options.writers ?? []) await repository.collaborator(name, 'write');
  const identify = async (number: number) => {
    const { title, body } = await forge.issue(number);
    return { id: String(number), key: String(number), number, textHash: textHashOf({ title, body }) };
  };
  return {
    server,
    repository,
    forge,
    other: as({ name: 'bob' }),
    stranger: as({ token: 'a'.repeat(40) }),
    async requireStatuses(contexts) {
      const { path } = repository;
      await server.api('admin', `DELETE ${path}/branch_protections/main`);
      // Pushes stay allowed: a person merges in the tests as well.
      const rule = { enable_push: true, enable_status_check: true, status_check_contexts: contexts };
      if (contexts.length > 0) await repository.protect('main', rule);
    },
    as,
    identify,
    editIssue: async ({ number }, text) =>
      void (await server.ask('alice', `PATCH ${repository.path}/issues/${number}`, text)),
    newIssue: async () => identify(await repository.issue({ title: 'Something to do', body: 'Words.' })),
    remote: {
      ...repository.remote,
      // By the button where there is a pull request: to Gitea the push of a merge is none, where that is not switched on.
      async merge(branch) {
        const { path, remote } = repository;
        const pulls = await server.ask<{ number: number; head: { ref: string } }[]>('admin', `GET ${path}/pulls`);
        const pull = pulls.find(({ head }) => head.ref === branch);
        return pull ? mergeByButton(server, `${path}/pulls/${pull.number}`) : remote.merge(branch);
      },
    },
    async dispose() {
      await repository.dispose();
      await rm(mirror, { recursive: true, force: true });
    },
  };
}

function forgeAt(
  place: ForgePlace,
  { token, remote }: { readonly token: string; readonly remote: ReturnType<typeof createRemoteReader> },
): Forge {
  const credential = { id: '0123456789abcdef', source: 'test', token: async () => token };
  return createGiteaForge({ place, credential, pace: unpaced, remote });
}

async function mergeByButton(server: GiteaServer, path: string): Promise<string> {
  for (let tries = 0; tries < 60; tries += 1) {
    const { status, body } = await server.api('admin', `POST ${path}/merge`, { Do: 'merge' });
    if (status === 200) break;
    if (status !== 405) throw new Error(`${path} does not merge: ${status} ${JSON.stringify(body)}`);
    await new Promise((resolve) => setTimeout(resolve, 250)); // it looks for conflicts first
  }
  const { merge_commit_sha: sha } = await server.ask<{ merge_commit_sha: string | null }>('admin', `GET ${path}`);
  if (sha === null) throw new Error(`${path} did not merge`);
  return sha;
}
