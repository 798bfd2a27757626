import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { stringify } from 'yaml';
import type { Forge } from '../../../activities/forges/forge.ts';
import { taskKey, textHashOf } from '../../../activities/forges/key.ts';
import { createForges } from '../../../activities/forges/index.ts';
import { createRepositories, type Repository } from '../../../activities/repository/repository.ts';
import { loadConfig } from '../../../client/config/load.ts';
import { acquireLock } from '../../../client/state/lock.ts';
import { paceRoot } from '../../../client/state/pace.ts';
import { register } from '../../../client/state/register.ts';
import { cacheRoot } from '../../../client/state/folders.ts';
import type { ForgeStage } from '../forge/forge-behaviour/stage.ts';
import { git, makeRepository } from '../git/user-repository.ts';
import { createLiveRemote, type LiveRemote } from './remote.ts';
import { createLiveRest, type LiveRest } from './rest.ts';
import type { LiveTarget } from './target.ts';

/** What was made on a server, to be taken back. */
interface Made {
  readonly issues: Set<number>;
  readonly pulls: Set<number>;
}

/** A scratch repository as Millrace itself comes to it: by configuration, credential and pace of its own. */
export async function openLiveStage(target: LiveTarget): Promise<ForgeStage> {
  const root = await mkdtemp(join(tmpdir(), 'millrace-live-'));
  const repository = await openRepository(target, root);
  const credential = await repository.credential?.();
  if (!credential) throw new Error(`there is no credential for ${target.place.url}`);
  const token = await credential.token();
  const rest = createLiveRest(target, token);
  const before = await rest.labels();
  const remote = await createLiveRemote({ url: cloneUrl(target), token });
  const made: Made = { issues: new Set(), pulls: new Set() };
  const forges = createForges({ root: paceRoot(cacheRoot(process.env)), lock: acquireLock });
  const forge = recorded(await forges(repository), made);
  const prefix = `live-${randomUUID().slice(0, 8)}`;
  return {
    forge,
    remote: { ...remote, merge: (branch) => mergedByButton(branch, { forge, remote, rest }) },
    async newIssue() {
      const draft = { title: 'Something to do', body: 'Words.', labels: [], blockedBy: [] };
      const { value } = await forge.ensureIssue(taskKey(`${prefix}-${randomUUID().slice(0, 8)}`), draft);
      const { number } = value;
      // Branches are named by the key: all of this run begin with the same words.
      return { id: String(number), key: `${prefix}-${number}`, number, textHash: textHashOf(value) };
    },
    async dispose() {
      const failed = await undo({ forge, made, remote, rest, before });
      await remote.dispose();
      await rm(root, { recursive: true, force: true });
      if (failed.length > 0)
        throw new AggregateError(failed, `left behind on ${cloneUrl(target)}: ${failed.join('; ')}`);
    },
  };
}

async function openRepository({ kind, place }: LiveTarget, root: string): Promise<Repository> {
  const clone = join(root, 'clone');
  const config = {
    forge: { kind, url: place.url, repo: `${place.owner}/${place.name}` },
    profiles: { none: { agent: 'command', run: ['true'] } },
  };
  await makeRepository(clone, { 'millrace.yaml': stringify(config) });
  await git(clone, 'remote', 'add', 'origin', cloneUrl({ place }));
  const { settings } = await loadConfig({ repositoryPath: clone, configFile: null, env: process.env, overrides: {} });
  const stateRoot = join(root, 'state');
  const ref = await register({ stateRoot, settings, plan: { version: 1, name: 'live', issues: [] } });
  return createRepositories(stateRoot).open(ref);
}

function cloneUrl({ place }: Pick<LiveTarget, 'place'>): string {
  return `${place.url}/${place.owner}/${place.name}.git`;
}

/** The same forge, which notes what it makes. */
function recorded(forge: Forge, made: Made): Forge {
  return {
    ...forge,
    async ensureIssue(key, draft) {
      const ensured = await forge.ensureIssue(key, draft);
      made.issues.add(ensured.value.number);
      return ensured;
    },
    async ensurePull(key, draft) {
      const ensured = await forge.ensurePull(key, draft);
      made.pulls.add(ensured.value.number);
      return ensured;
    },
  };
}

interface Button {
  readonly forge: Forge;
  readonly remote: LiveRemote;
  readonly rest: LiveRest;
}

/** As a person merges; by git where nobody asked for it. */
async function mergedByButton(branch: string, { forge, remote, rest }: Button): Promise<string> {
  const pull = (await forge.pulls({ branch })).find(({ state }) => state === 'open');
  if (!pull) return remote.merge(branch);
  await rest.merge(pull.number);
  const closes = Number(/^Closes #(\d+)$/m.exec(pull.body)?.[1]);
  // A big server closes issues a moment after the merge.
  const isClosed = async () => {
    if (closes && (await forge.issue(closes)).state !== 'closed') throw new Error(`#${closes} is still open`);
  };
  await vi.waitFor(isClosed, { timeout: 30_000, interval: 2_000 });
  return remote.tip('main');
}

/** Closes and deletes what was made; what could not be is told, and the rest goes on. */
async function undo(what: Button & { readonly made: Made; readonly before: ReadonlyMap<string, number> }) {
  const { forge, made, remote, rest, before } = what;
  const failed: string[] = [];
  const each = async (name: string, step: () => Promise<unknown>) => {
    await step().catch((error: unknown) => failed.push(`${name}: ${String(error)}`));
  };
  for (const number of made.pulls) {
    await each(`pull request #${number}`, async () => {
      if ((await forge.pull(number)).state === 'open') await forge.editPull(number, { state: 'closed' });
    });
  }
  // Upwards: what blocks others was made before them, and an issue that is blocked cannot be closed everywhere.
  for (const number of [...made.issues].toSorted((a, b) => a - b)) {
    const identity = { id: String(number), key: String(number), number, textHash: '' };
    const closing = { why: 'not-planned', because: 'the smoke suite is over', sha: null } as const;
    await each(`issue #${number}`, () => forge.closeIssue(identity, closing));
  }
  await each('branches', () => remote.restore());
  await each('labels', async () => {
    for (const [name, id] of await rest.labels()) if (!before.has(name)) await rest.removeLabel({ id, name });
  });
  return failed;
}
