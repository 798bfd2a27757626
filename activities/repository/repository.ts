import { readFile } from 'node:fs/promises';
import { hasServer } from '../../workflows/domain/forge-facts.ts';
import type { IssueDocument } from '../../workflows/domain/issue.ts';
import { stateLayout, type RepositoryLayout } from '../../workflows/domain/host/layout.ts';
import type { PlanDocument } from '../../workflows/domain/plan/plan.ts';
import type { Settings } from '../../workflows/domain/settings.ts';
import { createArtifactStore, type ArtifactStore } from './artifact.ts';
import { createCredential, type Credential } from '../credentials/credential.ts';
import { createCredentials, type Credentials } from '../credentials/index.ts';
import { isExhaustion } from '../host/exhaustion.ts';
import { ifMissing } from '../host/missing.ts';
import { namesIn } from '../host/plain-file.ts';
import { plainRemote } from './remote-url.ts';

/** A repository as activities see it: its trusted settings, its paths on disk, its texts. */
export interface Repository {
  readonly key: string;
  readonly settings: Settings;
  readonly layout: RepositoryLayout;
  readonly artifacts: ArtifactStore;
  /** Who we are to its forge, or to its remote over HTTP; left out: neither asks. @throws ForgeError `auth`. */
  readonly credential?: () => Promise<Credential>;
}

/** Names of a repository's documents, as payloads carry them. */
export interface RepositoryRef {
  readonly repo: string;
  readonly settings: string;
}

/** The repositories that this host knows; a payload can only name one, never describe one. */
export interface Repositories {
  /** @throws RepositoryUnknown when no such settings were registered on this host. */
  open(ref: RepositoryRef): Promise<Repository>;
  /** Every repository of this host, each with the settings that were registered last. */
  all(): Promise<AllRepositories>;
}

/** The repositories of a host: one that cannot be worked on must not hold up the others. */
export interface AllRepositories {
  readonly known: readonly Repository[];
  readonly unknown: readonly UnknownRepository[];
}

/** A repository whose settings are lost. */
export interface UnknownRepository {
  readonly repo: string;
  readonly root: string;
  /** For people: what is missing, and what to do. */
  readonly problem: string;
}

/** Thrown when a payload names a repository or settings that are not registered on this host. */
export class RepositoryUnknown extends Error {
  override readonly name = 'RepositoryUnknown';
}

/** Repositories that `start-batch` registered in a state folder; cached, since settings never change under their digest. */
export function createRepositories(
  stateRoot: string,
  credentials: Credentials = createCredentials(process.env),
): Repositories {
  const open = new Map<string, Promise<Repository>>();
  const repositories: Repositories = {
    open(ref) {
      const id = `${ref.repo}/${ref.settings}`;
      const known = open.get(id) ?? load(stateRoot, ref, credentials);
      open.set(id, known);
      known.catch(() => open.delete(id));
      return known;
    },
    async all() {
      const layout = stateLayout(stateRoot);
      const known: Repository[] = [];
      const unknown: UnknownRepository[] = [];
      for (const repo of await namesIn(layout.repositories)) {
        const { root, current } = layout.repository(repo);
        const settings = await readFile(current, 'utf8').catch(ifMissing(null));
        if (settings === null) continue; // its registration never ended
        try {
          known.push(await repositories.open({ repo, settings: settings.trim() }));
        } catch (error) {
          if (!(error instanceof RepositoryUnknown)) throw error;
          unknown.push({
            repo,
            root,
            problem: `${error.message}; start a batch on that repository again, or remove ${root}`,
          });
        }
      }
      return { known, unknown };
    },
  };
  return repositories;
}

async function load(stateRoot: string, ref: RepositoryRef, credentials: Credentials): Promise<Repository> {
  if (!/^[A-Za-z0-9_-]{1,80}$/.test(ref.repo)) throw new RepositoryUnknown(`not a repository key: ${ref.repo}`);
  const layout = stateLayout(stateRoot).repository(ref.repo);
  const artifacts = createArtifactStore(layout);
  const settings = await artifacts.get<Settings>({ sha256: ref.settings }).catch((error: unknown) => {
    if (isExhaustion(error)) throw error;
    throw new RepositoryUnknown(
      `repository ${ref.repo} has no settings ${ref.settings} on this host: ${String(error)}`,
    );
  });
  if (settings.version !== 1 || settings.repository.key !== ref.repo) {
    throw new RepositoryUnknown(`settings ${ref.settings} are not those of repository ${ref.repo}`);
  }
  return repositoryOf(stateRoot, settings, credentials);
}

/** A repository with these settings, registered or not. */
export function repositoryOf(stateRoot: string, settings: Settings, credentials: Credentials): Repository {
  const { key } = settings.repository;
  const layout = stateLayout(stateRoot).repository(key);
  return { key, layout, artifacts: createArtifactStore(layout), ...withoutPassword(settings, credentials) };
}

/** From here on no address holds a login. A login that one held is a credential, unless the forge has a better one. */
function withoutPassword(written: Settings, credentials: Credentials): Pick<Repository, 'settings' | 'credential'> {
  const { forge, place } = written;
  const { url, login } = plainRemote(written.repository.remote);
  const settings = { ...written, repository: { ...written.repository, remote: url } };
  if (hasServer(forge) && place) return { settings, credential: () => credentials.find(forge, place) };
  if (!login) return { settings };
  const { user, password } = login;
  const source = `the address of origin`;
  const own = createCredential({
    server: url,
    account: `${user}:${password}`,
    source,
    user,
    token: async () => password,
  });
  return { settings, credential: async () => own };
}

/** Finds one issue's text in the plan that a batch was started with. */
export async function issueDocument(
  repository: Repository,
  ref: { readonly plan: string; readonly key: string },
): Promise<IssueDocument> {
  const plan = await repository.artifacts.get<PlanDocument>({ sha256: ref.plan });
  const issue = plan.issues.find((each) => each.key === ref.key);
  if (!issue) throw new Error(`plan ${ref.plan} has no issue ${ref.key}`);
  return issue;
}
