import type { Rules } from '../../workflows/domain/forge/pace.ts';
import type { ForgeKind } from '../../workflows/domain/forge-facts.ts';
import { landDirect } from '../git/land.ts';
import { openMirror } from '../git/mirror.ts';
import { createPace, type PacePlace } from './pace.ts';
import { createRecords } from './local/records.ts';
import { createRemoteReader, type RemoteReader } from '../git/remote.ts';
import type { Repository } from '../repository/repository.ts';
import { ForgeError } from '../failure/forge-error.ts';
import type { Forge } from './forge.ts';
import type { Merge, MergeOrder } from './pull.ts';
import { createGiteaForge } from './gitea.ts';
import { createGithubForge } from './github.ts';
import type { Connection } from './http/connection.ts';
import { createLocalForge } from './local.ts';

/** Finds the forge of a repository; the same object for as long as the repository is known. @throws ForgeError `auth`. */
export type ForgeFor = (repository: Repository) => Promise<Forge>;

/** Makes each kind of forge. */
const forges: Readonly<Record<ForgeKind, (repository: Repository, paces: PacePlace) => Promise<Forge>>> = {
  local: async (repository) =>
    createLocalForge({
      records: createRecords(repository.layout.forge),
      remote: remoteOf(repository),
      merge: (landing) => mergeLocally(repository, landing),
    }),
  github: async (repository, paces) => createGithubForge(await connectionOf(repository, { paces, rules: githubRules })),
  gitea: async (repository, paces) => createGiteaForge(await connectionOf(repository, { paces, rules: () => 'never' })),
};

/** The forges of this process's repositories, paced together with those of all other processes of this host. */
export function createForges(paces: PacePlace): ForgeFor {
  const opened = new WeakMap<Repository, Promise<Forge>>();
  return (repository) => {
    const forge = opened.get(repository) ?? forges[repository.settings.forge](repository, paces);
    opened.set(repository, forge);
    forge.catch(() => opened.delete(repository)); // the next call may find a credential
    return forge;
  };
}

async function connectionOf(
  repository: Repository,
  { paces, rules }: { readonly paces: PacePlace; readonly rules: (server: URL) => Rules },
): Promise<Connection> {
  const { place, forge } = repository.settings;
  if (!place || !repository.credential) {
    const mend = 'start the batch again with this version, which writes it down';
    throw new ForgeError('invalid', `the settings of ${repository.key} do not say where ${forge} is: ${mend}`);
  }
  const credential = await repository.credential();
  const pace = createPace(paces, { credential, server: place.url, rules: rules(new URL(place.url)) });
  return { place, credential, pace, remote: remoteOf(repository) };
}

/** Self-hosted servers have no limits unless somebody set some, and then their answers tell. */
function githubRules({ hostname }: URL): Rules {
  return hostname === 'github.com' || hostname.endsWith('.ghe.com') ? 'always' : 'when-told';
}

function remoteOf(repository: Repository): RemoteReader {
  return createRemoteReader({
    mirror: async () => (await openMirror(repository)).git,
    remote: repository.settings.repository.remote,
  });
}

/** The local forge merges by git in the mirror, always with a merge commit. */
async function mergeLocally(repository: Repository, landing: { readonly base: string } & MergeOrder): Promise<Merge> {
  const { base, sha: head, title, message } = landing;
  const result = await landDirect(repository, { base, head, message: `${title}\n\n${message}` });
  switch (result.kind) {
    case 'landed':
      return { kind: 'merged', sha: result.sha };
    case 'conflict':
      throw new ForgeError('conflict', `conflicts in ${result.files.join(', ')}`);
    case 'blocked':
      return { kind: 'blocked', reason: result.reason };
  }
}
