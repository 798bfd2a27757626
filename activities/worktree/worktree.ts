import { openAgents } from './agents-repository.ts';
import { copyFiles } from './copy-files.ts';
import { issuePlace, readLease, reviewPlace, writeLease, type Lease, type Place } from './record.ts';
import { clearEntryLocks } from './lock-file.ts';
import { openMirror, type Mirror } from '../git/mirror.ts';
import { hasFiles } from '../host/plain-file.ts';
import { inOrder } from '../host/in-order.ts';
import { checked } from '../git/names.ts';
import type { Repository } from '../repository/repository.ts';
import { isWhole } from './entry.ts';
import { discardWorktree, makeWorktree, renewEntry, type Tools } from './making.ts';

export interface WorktreeRequest {
  readonly key: string;
  readonly branch: string;
  /** Sha in the mirror that the work starts on, or goes on from. */
  readonly start: string;
  /** Run in a new worktree before it counts as made; a kill in the middle of it means a new worktree. */
  readonly setUp?: (path: string) => Promise<void>;
}

export interface MadeWorktree {
  readonly path: string;
  /** Where it stands: `start`, or later work of the same issue. */
  readonly head: string;
  /** False: it was there, with whatever its agent left in it. */
  readonly made: boolean;
  /** Sentences for the log: files to copy that are not there, work that could not be kept. */
  readonly notices: readonly string[];
}

/** Worktrees of one repository: each on its own branch, locked against pruning, with a record of ours. */
export interface Worktrees {
  /** Whatever mess is there: afterwards a usable worktree; a good one is left as it is, uncommitted work included. */
  ensureWorktree(request: WorktreeRequest): Promise<MadeWorktree>;
  /** A new detached worktree at exactly `sha`, in place of the last round's. */
  ensureReviewWorktree(request: { readonly key: string; readonly sha: string }): Promise<MadeWorktree>;
  /** Away with an issue's worktree, its review's, and its branch in `agents.git`; nothing there is fine. */
  removeWorktree(key: string): Promise<void>;
  removeReviewWorktree(key: string): Promise<void>;
}

/** Opens the worktrees of a repository; its mirror and `agents.git` are made or mended first. */
export async function openWorktrees(repository: Repository): Promise<Worktrees> {
  const { layout } = repository;
  const tools = await openTools(repository);
  const alone = async <T>(key: string, job: () => Promise<T>) =>
    inOrder(`worktree ${layout.root} ${checked('key', key)}`, job);
  return {
    ensureWorktree: (request) => alone(request.key, () => ensure(tools, request)),
    ensureReviewWorktree: ({ key, sha }) =>
      alone(key, async () => {
        const place = reviewPlace(layout, key);
        await makeWorktree(tools, place, { sha: checked('sha', sha), lease: null });
        return { path: place.tree, head: sha, made: true, notices: [] };
      }),
    removeWorktree: (key) =>
      alone(key, async () => {
        const place = issuePlace(layout, key);
        const lease = await readLease(place);
        await tools.agents.write(async () => {
          await discardWorktree(tools, place);
          await discardWorktree(tools, reviewPlace(layout, key));
          if (lease) await tools.agents.deleteBranch(lease.branch);
        });
      }),
    removeReviewWorktree: (key) =>
      alone(key, () => tools.agents.write(() => discardWorktree(tools, reviewPlace(layout, key)))),
  };
}

/** Mirror and `agents.git` of a repository, each made or mended first. */
export async function openTools(repository: Repository): Promise<Tools> {
  const mirror = await openMirror(repository);
  return { repository, mirror, agents: await openAgents(repository) };
}

async function ensure(tools: Tools, request: WorktreeRequest): Promise<MadeWorktree> {
  const place = issuePlace(tools.repository.layout, request.key);
  const wanted = { branch: checked('branch', request.branch), start: checked('sha', request.start) };
  const known = await findStanding(tools, place, wanted);
  if (known && (await hasFiles(place.tree))) {
    if (known.inEntry && (await isWhole(place))) await clearEntryLocks(place.admin);
    else await renewEntry(tools, place, { branch: wanted.branch, sha: known.sha, staged: false });
    return { path: place.tree, head: known.sha, made: false, notices: [] };
  }
  const sha = known?.sha ?? wanted.start;
  const lease: Lease = { version: 1, ...wanted, ready: false };
  await makeWorktree(tools, place, { sha, lease });
  const notices = await copyFiles(tools.repository, place.tree);
  await request.setUp?.(place.tree);
  await writeLease(place.lease, { ...lease, ready: true });
  return { path: place.tree, head: sha, made: true, notices };
}

/** Where an issue's work stands: by git's entry, else by its branch, else at its start; null: it has not begun. */
async function findStanding(
  { agents, mirror }: Tools,
  place: Place,
  wanted: { branch: string; start: string },
): Promise<{ sha: string; inEntry: boolean } | null> {
  const lease = await readLease(place);
  // Before its set-up had finished no agent was in it: nothing to keep.
  if (!lease?.ready || lease.branch !== wanted.branch) return null;
  const same = lease.start === wanted.start;
  const candidates = [await agents.headOf(place), await agents.tipOf(wanted.branch)];
  for (const [index, sha] of candidates.entries()) {
    const goesOn = sha !== null && (same || (await agents.contains(sha, wanted.start)));
    if (goesOn && (await isImported(mirror, sha))) return { sha, inEntry: index === 0 };
  }
  return same ? { sha: wanted.start, inEntry: false } : null;
}

/** An entry is renewed from the mirror, so the commit has to be there; one that fsck refuses never gets anywhere. */
async function isImported(mirror: Mirror, sha: string): Promise<boolean> {
  if ((await mirror.resolve(sha)) !== null) return true;
  return mirror.importCommit(sha).then(
    () => true,
    () => false,
  );
}
