import { createArtifactStore } from '../../activities/repository/artifact.ts';
import { stateLayout } from '../../workflows/domain/host/layout.ts';

/** Which document, of which repository. */
export interface DocumentName {
  readonly repo: string;
  readonly sha256: string;
}

/** Reads a document that `register` wrote. @throws Error when this state folder does not have it, or has it changed. */
export async function readDocument<T>(stateRoot: string, name: DocumentName): Promise<T> {
  try {
    return await createArtifactStore(layoutOf(stateRoot, name)).get<T>(name);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    const path = layoutOf(stateRoot, name).artifact(name.sha256);
    throw new Error(`${path} is missing: this batch was started with another state folder (MILLRACE_STATE)`, { cause });
  }
}

/** Reads a document that a worker wrote; null: it was another host's worker. @throws Error when it was changed. */
export async function documentIfHere<T>(stateRoot: string, name: DocumentName): Promise<T | null> {
  try {
    return await createArtifactStore(layoutOf(stateRoot, name)).get<T>(name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function layoutOf(stateRoot: string, { repo }: DocumentName) {
  return stateLayout(stateRoot).repository(repo);
}
