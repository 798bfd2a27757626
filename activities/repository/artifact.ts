import { createHash } from 'node:crypto';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { ArtifactRef } from '../../workflows/domain/artifact.ts';
import type { RepositoryLayout } from '../../workflows/domain/host/layout.ts';
import { ifMissing } from '../host/missing.ts';

/** Texts named by their hash: history refers to them, and never contains them. */
export interface ArtifactStore {
  put(document: unknown): Promise<ArtifactRef>;
  /** @throws Error when the file is missing or its content does not have that hash. */
  get<T>(ref: { readonly sha256: string }): Promise<T>;
}

/** Artifacts as JSON files, 0600, in the repository's state; writing the same content twice does nothing. */
export function createArtifactStore(layout: RepositoryLayout): ArtifactStore {
  return {
    async put(document) {
      const text = JSON.stringify(document);
      const ref = { sha256: sha256(text), bytes: Buffer.byteLength(text) };
      const path = layout.artifact(ref.sha256);
      const existing = await stat(path).catch(ifMissing(null));
      if (existing?.size === ref.bytes) return ref;
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await writeFileAtomic(path, text, { mode: 0o600 });
      return ref;
    },
    async get<T>(ref: { readonly sha256: string }) {
      if (!/^[0-9a-f]{64}$/.test(ref.sha256)) throw new Error(`not the name of an artifact: ${ref.sha256}`);
      const text = await readFile(layout.artifact(ref.sha256), 'utf8');
      if (sha256(text) !== ref.sha256) throw new Error(`artifact ${ref.sha256} was changed on disk`);
      return JSON.parse(text) as T;
    },
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
