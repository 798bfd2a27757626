import { createArtifactStore } from '../../activities/repository/artifact.ts';
import { stateLayout } from '../../workflows/domain/host/layout.ts';

/** Reads a document that `register` wrote. @throws Error when this state folder does not have it, or has it changed. */
export async function readDocument<T>(
  stateRoot: string,
  name: { readonly repo: string; readonly sha256: string },
): Promise<T> {
  const layout = stateLayout(stateRoot).repository(name.repo);
  try {
    return await createArtifactStore(layout).get<T>(name);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    const path = layout.artifact(name.sha256);
    throw new Error(`${path} is missing: this batch was started with another state folder (MILLRACE_STATE)`, { cause });
  }
}
