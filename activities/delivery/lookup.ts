import { Context } from '@temporalio/activity';
import type { IssueRef } from '../../workflows/domain/attempt.ts';
import type { IssueDocument } from '../../workflows/domain/issue.ts';
import type { Forge } from '../forges/forge.ts';
import type { IssueIdentity } from '../forges/issue.ts';
import type { DirectResult } from '../git/merge.ts';
import { issueDocument, type Repositories, type Repository, type RepositoryRef } from '../repository/repository.ts';

/** Puts a sha onto the newest base of the remote; where the base has it already, that is landed too. */
export type Land = (
  repository: Repository,
  landing: { readonly base: string; readonly head: string; readonly message: string },
) => Promise<DirectResult>;

export interface ForgeDeps {
  readonly repositories: Repositories;
  readonly forgeFor: (repository: Repository) => Promise<Forge>;
  readonly land: Land;
}

/** A repository with its forge. */
export interface Bound {
  readonly repository: Repository;
  readonly forge: Forge;
}

/** An issue with the repository that it belongs to and the forge. */
export interface BoundIssue extends Bound {
  readonly issue: IssueDocument;
}

/** Finds what a payload names. */
export interface Binding {
  repository(ref: RepositoryRef): Promise<Bound>;
  issue(ref: IssueRef): Promise<BoundIssue>;
}

/** Binding to the repositories that this host knows. */
export function createBinding({ repositories, forgeFor }: ForgeDeps): Binding {
  const bound = async (ref: RepositoryRef): Promise<Bound> => {
    const repository = await repositories.open(ref);
    return { repository, forge: await forgeFor(repository) };
  };
  return {
    repository: bound,
    async issue(ref) {
      const { repository, forge } = await bound(ref);
      return { repository, forge, issue: await issueDocument(repository, ref) };
    },
  };
}

/** An issue as a forge is asked for it. */
export function identityOf({ id, key, textHash, number }: IssueDocument): IssueIdentity {
  return { id, key, textHash, ...(number === undefined ? {} : { number }) };
}

/** What a pull request of an issue closes by its merge; null: nothing that the forge knows. */
export async function closedBy({ forge, issue }: BoundIssue): Promise<string | null> {
  if (issue.number !== undefined) return String(issue.number);
  const { issues } = await forge.capabilities();
  return issues ? null : issue.id;
}

/** An activity that lost its lease gives up before it acts: another attempt of it may be at work. */
export function stillOurs(): void {
  Context.current().cancellationSignal.throwIfAborted();
}
