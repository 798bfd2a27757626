import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** Where the user typed a name, and the repository that it belongs to. */
export interface NamedIn {
  readonly cwd: string;
  readonly repositoryPath: string;
}

/** Resolves a plan from the user's folder; a plan that is not there may be in the repository. */
export function planFrom(path: string, { cwd, repositoryPath }: NamedIn): string {
  const there = resolve(repositoryPath, path);
  // Left as typed where possible, since problems name it that way.
  return !existsSync(resolve(cwd, path)) && existsSync(there) ? there : path;
}

/** Resolves a configuration from the repository, unless the user's folder has it. */
export function configFrom(path: string, { cwd, repositoryPath }: NamedIn): string {
  const here = resolve(cwd, path);
  return here !== resolve(repositoryPath, path) && existsSync(here) ? here : path;
}
