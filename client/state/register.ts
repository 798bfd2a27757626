import writeFileAtomic from 'write-file-atomic';
import { createArtifactStore } from '../../activities/repository/artifact.ts';
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
  const store = createArtifactStore(layout);
  const [settingsRef, planRef] = [await store.put(settings), await store.put(plan)];
  const registered = { repo, settings: settingsRef.sha256, plan: planRef.sha256 };
  await writeFileAtomic(layout.current, registered.settings, { mode: 0o600 });
  return registered;
}
