import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** Where a name on the command line was typed, and which repository it is about. */
export interface NamedIn {
  readonly cwd: string;
  readonly repositoryPath: string;
}

/** A plan starts from where the user called from; what is not there may lie in the repository. */
export function planFrom(path: string, { cwd, repositoryPath }: NamedIn): string {
  const there = resolve(repositoryPath, path);
  // As it was typed where that will do: problems name it so.
  return !existsSync(resolve(cwd, path)) && existsSync(there) ? there : path;
}

/** A configuration starts from the repository, unless it lies where the user called from. */
export function configFrom(path: string, { cwd, repositoryPath }: NamedIn): string {
  const here = resolve(cwd, path);
  return here !== resolve(repositoryPath, path) && existsSync(here) ? here : path;
}
