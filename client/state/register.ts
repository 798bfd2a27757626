import { createHash } from 'node:crypto';
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { stateLayout } from '../../workflows/domain/host/layout.ts';
import type { PlanDocument } from '../../workflows/domain/plan/plan.ts';
import type { Settings } from '../../workflows/domain/settings.ts';

/** What a batch is started with: names of documents, never their content. */
export interface Registered {
  /** Key of the repository. */
  readonly repo: string;
  /** sha256 of the settings document. */
  readonly settings: string;
  /** sha256 of the plan document. */
  readonly plan: string;
}

/**
 * Leaves settings and plan where the activities of this host look for them: in the state folder, each named by its
 * sha256, readable by the user alone. The same documents again change nothing.
 */
export async function register(documents: {
  readonly stateRoot: string;
  readonly settings: Settings;
  readonly plan: PlanDocument;
}): Promise<Registered> {
  const { settings, plan } = documents;
  const repo = settings.repository.key;
  const layout = stateLayout(documents.stateRoot).repository(repo);
  const put = async (document: Settings | PlanDocument) => {
    const text = JSON.stringify(document);
    const sha256 = createHash('sha256').update(text).digest('hex');
    await writeOnce(layout.artifact(sha256), text);
    return sha256;
  };
  const registered = { repo, settings: await put(settings), plan: await put(plan) };
  await writeFileAtomic(layout.current, registered.settings, { mode: 0o600 });
  return registered;
}

async function writeOnce(path: string, text: string): Promise<void> {
  const existing = await stat(path).catch(() => null);
  if (existing?.size === Buffer.byteLength(text)) return;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFileAtomic(path, text, { mode: 0o600 });
}
