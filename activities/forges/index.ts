import type { ForgeKind } from '../../workflows/domain/settings.ts';
import { landDirect } from '../merge.ts';
import { openMirror } from '../mirror.ts';
import { createRecords } from '../records.ts';
import { createRemote, type Remote } from '../remote.ts';
import type { Repository } from '../repository.ts';
import { ForgeError, type Forge, type Merge, type MergeOrder } from './forge.ts';
import { createLocalForge } from './local.ts';

/** Each kind of forge and what makes it. */
const forges: Readonly<Record<ForgeKind, (repository: Repository) => Promise<Forge>>> = {
  local: async (repository) =>
    createLocalForge({
      records: createRecords(repository.layout.forge),
      remote: remoteOf(repository),
      merge: (landing) => mergeLocally(repository, landing),
    }),
  github: notYet('github'),
  gitea: notYet('gitea'),
};

const opened = new WeakMap<Repository, Promise<Forge>>();

/** The forge of a repository, one object as long as the repository is known. @throws ForgeError `auth`, `unsupported`. */
export function forgeFor(repository: Repository): Promise<Forge> {
  const forge = opened.get(repository) ?? forges[repository.settings.forge](repository);
  opened.set(repository, forge);
  forge.catch(() => opened.delete(repository)); // the next call may find a credential
  return forge;
}

function remoteOf(repository: Repository): Remote {
  return createRemote({
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

function notYet(kind: ForgeKind): (repository: Repository) => Promise<Forge> {
  return async ({ key }) => {
    const mend =
      'set `forge: local` in millrace.yaml: branches then go to the remote, pull requests into the state folder';
    throw new ForgeError(
      'unsupported',
      `repository ${key} asks for the ${kind} forge, which this version does not speak: ${mend}`,
    );
  };
}
