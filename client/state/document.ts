import { createArtifactStore } from '../../activities/repository/artifact.ts';
import { stateLayout } from '../../workflows/domain/host/layout.ts';

/** Which document, of which repository. */
export interface DocumentName {
  readonly repo: string;
  readonly sha256: string;
}

/** Reads a document that `register` wrote. @throws Error when this state folder does not have it, or has it changed. */
export async function readDocument<T>(stateRoot: string, name: DocumentName): Promise<T> {
  const layout = stateLayout(stateRoot).repository(name.repo);
  try {
    return await createArtifactStore(layout).get<T>(name);
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
    const path = layout.artifact(name.sha256);
    throw new Error(`${path} is missing: this batch was started with another state folder (MILLRACE_STATE)`, { cause });
  }
}

/** Reads a document that a worker wrote; null: another host's worker did. @throws Error when it was changed. */
export async function documentIfHere<T>(stateRoot: string, name: DocumentName): Promise<T | null> {
  try {
    return await createArtifactStore(stateLayout(stateRoot).repository(name.repo)).get<T>(name);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
