import { readFile } from 'node:fs/promises';
import { stateLayout } from '../../workflows/domain/host/layout.ts';

/** Which document, of which repository. */
export interface DocumentName {
  readonly repo: string;
  readonly sha256: string;
}

/** Reads a document that `register` wrote. @throws Error when this state folder does not have it. */
export async function readDocument<T>(stateRoot: string, name: DocumentName): Promise<T> {
  const path = pathOf(stateRoot, name);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Error(`${path} is missing: this batch was started with another state folder (MILLRACE_STATE)`, { cause });
  });
  return JSON.parse(text) as T;
}

/** Reads a document that a worker wrote; null: it was another host's worker. */
export async function documentIfHere<T>(stateRoot: string, name: DocumentName): Promise<T | null> {
  try {
    return JSON.parse(await readFile(pathOf(stateRoot, name), 'utf8')) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function pathOf(stateRoot: string, { repo, sha256 }: DocumentName): string {
  return stateLayout(stateRoot).repository(repo).artifact(sha256);
}
