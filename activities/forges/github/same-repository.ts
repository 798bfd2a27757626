import type { GithubClient } from './api/client.ts';

/** Whether an address of the API is that of this repository. */
export function isHere(client: Pick<GithubClient, 'place'>, repositoryUrl: string): boolean {
  const { owner, name } = client.place;
  return slugOf(repositoryUrl).toLowerCase() === `${owner}/${name}`.toLowerCase();
}

/** `owner/name` of a repository's address in the API. */
export function slugOf(repositoryUrl: string): string {
  return repositoryUrl.split('/').slice(-2).join('/');
}
