import type { ForgeKind } from '../../workflows/domain/settings.ts';
import { openMirror } from '../mirror.ts';
import { createRecords } from '../records.ts';
import { createRemote } from '../remote.ts';
import type { Repository } from '../repository.ts';
import { ForgeError, type Forge } from './forge.ts';
import { createLocalForge } from './local.ts';

/** Each kind of forge and what makes it. */
const forges: Readonly<Record<ForgeKind, (repository: Repository) => Forge>> = {
  local: (repository) =>
    createLocalForge({
      records: createRecords(repository.layout.forge),
      remote: createRemote({
        mirror: async () => (await openMirror(repository)).git,
        remote: repository.settings.repository.remote,
      }),
    }),
  github: notYet('github'),
  gitea: notYet('gitea'),
};

const opened = new WeakMap<Repository, Forge>();

/** The forge of a repository, one object as long as the repository is known. @throws ForgeError `unsupported`. */
export function forgeFor(repository: Repository): Forge {
  const forge = opened.get(repository) ?? forges[repository.settings.forge](repository);
  opened.set(repository, forge);
  return forge;
}

function notYet(kind: ForgeKind): (repository: Repository) => Forge {
  return ({ key }) => {
    const mend =
      'set `forge: local` in millrace.yaml: branches then go to the remote, pull requests into the state folder';
    throw new ForgeError(
      'unsupported',
      `repository ${key} asks for the ${kind} forge, which this version does not speak: ${mend}`,
    );
  };
}
