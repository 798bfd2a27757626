import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createArtifactStore, type ArtifactStore } from '../../../activities/repository/artifact.ts';
import type { RepositoryRef } from '../../../activities/repository/repository.ts';
import { stateLayout, type RepositoryLayout } from '../../../workflows/domain/host/layout.ts';
import { noBudgets, type Settings } from '../../../workflows/domain/settings.ts';
import { createBareRemote, type BareRemote } from './bare-remote.ts';

/** A bare repository registered in a state folder of its own, as `start-batch` would do it. */
export interface RegisteredRepository {
  readonly root: string;
  readonly ref: RepositoryRef;
  readonly layout: RepositoryLayout;
  readonly artifacts: ArtifactStore;
  readonly remote: BareRemote;
  dispose(): Promise<void>;
}

export async function registerRepository(change: Partial<Settings> = {}): Promise<RegisteredRepository> {
  const root = await mkdtemp(join(tmpdir(), 'millrace-state-'));
  const remote = await createBareRemote();
  const layout = stateLayout(root).repository('demo');
  const artifacts = createArtifactStore(layout);
  const settings = { ...settingsFor(remote.dir), ...change };
  const { sha256 } = await artifacts.put(settings);
  const dispose = async () => {
    await rm(root, { recursive: true, force: true });
    await remote.dispose();
  };
  return { root, ref: { repo: 'demo', settings: sha256 }, layout, artifacts, remote, dispose };
}

/** Settings of a local repository that nothing was written about. */
export function settingsFor(remote: string): Settings {
  return {
    version: 1,
    repository: { key: 'demo', path: remote, remote, base: 'main' },
    forge: 'local',
    profiles: {},
    roles: { implement: ['a'], fix: ['a'], review: ['a'], resolve: ['a'], triage: ['a'] },
    checks: [],
    worktree: { setup: [], copy: [] },
    review: { rounds: 3 },
    landing: 'direct',
    batch: { width: 2 },
    budgets: noBudgets,
    prices: {},
    prompts: {},
    sandbox: 'off',
  };
}
