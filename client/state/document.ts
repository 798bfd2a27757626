import { readFile } from 'node:fs/promises';
import { stateLayout } from '../../workflows/domain/host/layout.ts';

/** Reads a document that `register` wrote. @throws Error when this state folder does not have it. */
export async function readDocument<T>(
  stateRoot: string,
  name: { readonly repo: string; readonly sha256: string },
): Promise<T> {
  const path = stateLayout(stateRoot).repository(name.repo).artifact(name.sha256);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Error(`${path} is missing: this batch was started with another state folder (MILLRACE_STATE)`, { cause });
  });
  return JSON.parse(text) as T;
}
