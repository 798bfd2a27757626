import type { IssueRef } from '../../workflows/domain/attempt.ts';
import { hasServer } from '../../workflows/domain/forge-facts.ts';
import type { IssueDocument } from '../../workflows/domain/issue.ts';
import type { Forge } from '../forges/forge.ts';
import type { IssueIdentity } from '../forges/identity.ts';
import type { Titled } from './texts.ts';
import { issueDocument, type Repositories, type Repository, type RepositoryRef } from '../repository/repository.ts';

/** Where a lookup finds repositories and their forges. */
export interface LookupDeps {
  readonly repositories: Repositories;
  readonly forgeFor: (repository: Repository) => Promise<Forge>;
}

/** A repository with its forge. */
export interface Found {
  readonly repository: Repository;
  readonly forge: Forge;
}

/** An issue, with its repository and that repository's forge. */
export interface IssueFound extends Found {
  readonly issue: IssueDocument;
}

/** Finds the repositories, forges and issues that payloads name. */
export interface Lookup {
  repository(ref: RepositoryRef): Promise<Found>;
  issue(ref: IssueRef): Promise<IssueFound>;
}

/** A lookup among the repositories that this host knows. */
export function createLookup({ repositories, forgeFor }: LookupDeps): Lookup {
  const found = async (ref: RepositoryRef): Promise<Found> => {
    const repository = await repositories.open(ref);
    return { repository, forge: await forgeFor(repository) };
  };
  return {
    repository: found,
    async issue(ref) {
      const { repository, forge } = await found(ref);
      return { repository, forge, issue: await issueDocument(repository, ref) };
    },
  };
}

/** The names by which a forge is asked for an issue. */
export function identityOf({ id, key, textHash, number }: IssueDocument): IssueIdentity {
  return { id, key, textHash, ...(number === undefined ? {} : { number }) };
}

/** An issue as titles name it, on the forge where they will stand. */
export function titled({ repository, issue }: IssueFound, { title }: { readonly title: string }): Titled {
  const unheard = !hasServer(repository.settings.forge);
  return { id: issue.id, title, number: issue.number ?? null, unheard };
}

/** The issue that merging a pull request closes; null: none that the forge knows. */
export async function closedBy({ forge, issue }: IssueFound): Promise<string | null> {
  if (issue.number !== undefined) return String(issue.number);
  const { issues } = await forge.capabilities();
  return issues ? null : issue.id;
}
