import { openMirror, type Mirror } from '../git/mirror.ts';
import type { Repository } from '../repository/repository.ts';
import { openAgents, type AgentsRepository } from './agents-repository.ts';

/** The two bare repositories of one repository: `mirror`, which is trusted, and `agents`, which is not. */
export interface RepositoryPair {
  readonly repository: Repository;
  readonly mirror: Mirror;
  readonly agents: AgentsRepository;
}

/** Opens both; each is made or mended first. Once for a step, and again after an agent may have been at them. */
export async function openPair(repository: Repository): Promise<RepositoryPair> {
  const mirror = await openMirror(repository);
  return { repository, mirror, agents: await openAgents(repository) };
}
