import { copyFiles } from './copy-files.ts';
import { issuePaths, readRecord, reviewPaths, writeRecord, type WorktreeRecord, type WorktreePaths } from './record.ts';
import { clearEntryLocks } from './lock-file.ts';
import { GitFailure } from '../failure/git-error.ts';
import type { Mirror } from '../git/mirror.ts';
import { hasFiles } from '../host/plain-file.ts';
import { inOrder } from '../host/in-order.ts';
import { checked } from '../git/names.ts';
import type { Repository } from '../repository/repository.ts';
import { isWhole } from './entry.ts';
import { discardWorktree, makeWorktree, renewEntry } from './making.ts';
import { openPair, type RepositoryPair } from './pair.ts';

/** Which worktree is wanted, and on what. */
export interface WorktreeRequest {
  readonly key: string;
  readonly branch: string;
  /** Sha in the mirror that the work starts from, or goes on from. */
  readonly start: string;
  /** Runs in a new worktree before that counts as made; after a kill during it, the worktree is made anew. */
  readonly setUp?: (path: string) => Promise<void>;
}

/** A usable worktree. */
export interface MadeWorktree {
  readonly path: string;
  /** Where it stands: `start`, or later work of the same issue. */
  readonly head: string;
  /** False: it existed, with whatever its agent left in it. */
  readonly made: boolean;
  /** Sentences for the log: files that could not be copied, work that could not be kept. */
  readonly notices: readonly string[];
}

/** The worktrees of one repository: each on its own branch, locked against pruning, with a record of ours. */
export interface Worktrees {
  /** Makes a usable worktree out of whatever mess is there; a good one is left as it is, with its uncommitted work. */
  ensureWorktree(request: WorktreeRequest): Promise<MadeWorktree>;
  /** Makes a new detached worktree at exactly `sha`, in place of the last round's. */
  ensureReviewWorktree(request: { readonly key: string; readonly sha: string }): Promise<MadeWorktree>;
  /** Removes an issue's worktree, its review's, and its branch in `agents.git`; nothing there is fine. */
  removeWorktree(key: string): Promise<void>;
  removeReviewWorktree(key: string): Promise<void>;
}

/** Opens the worktrees of a repository; its mirror and `agents.git` are made or mended first. */
export async function openWorktrees(repository: Repository): Promise<Worktrees> {
  return worktreesOf(await openPair(repository));
}

/** The worktrees of a repository whose two bare repositories are already open. */
export function worktreesOf(pair: RepositoryPair): Worktrees {
  const { layout } = pair.repository;
  const alone = async <T>(key: string, job: () => Promise<T>) =>
    inOrder(`worktree ${layout.root} ${checked('key', key)}`, job);
  return {
    ensureWorktree: (request) => alone(request.key, () => ensure(pair, request)),
    ensureReviewWorktree: ({ key, sha }) =>
      alone(key, async () => {
        const paths = reviewPaths(layout, key);
        await makeWorktree(pair, paths, { sha: checked('sha', sha), record: null });
        return { path: paths.tree, head: sha, made: true, notices: [] };
      }),
    removeWorktree: (key) =>
      alone(key, async () => {
        const paths = issuePaths(layout, key);
        const record = await readRecord(paths);
        await pair.agents.write(async () => {
          await discardWorktree(pair, paths);
          await discardWorktree(pair, reviewPaths(layout, key));
          if (record) await pair.agents.deleteBranch(record.branch);
        });
      }),
    removeReviewWorktree: (key) =>
      alone(key, () => pair.agents.write(() => discardWorktree(pair, reviewPaths(layout, key)))),
  };
}

async function ensure(pair: RepositoryPair, request: WorktreeRequest): Promise<MadeWorktree> {
  const paths = issuePaths(pair.repository.layout, request.key);
  const wanted = { branch: checked('branch', request.branch), start: checked('sha', request.start) };
  const known = await findWork(pair, paths, wanted);
  if (known && (await hasFiles(paths.tree))) {
    if (known.inEntry && (await isWhole(paths))) await clearEntryLocks(paths.admin);
    else await renewEntry(pair, paths, { branch: wanted.branch, sha: known.sha, staged: false });
    return { path: paths.tree, head: known.sha, made: false, notices: [] };
  }
  const sha = known?.sha ?? wanted.start;
  const record: WorktreeRecord = { version: 1, ...wanted, ready: false };
  await makeWorktree(pair, paths, { sha, record });
  const notices = await copyFiles(pair.repository, paths.tree);
  await request.setUp?.(paths.tree);
  await writeRecord(paths.record, { ...record, ready: true });
  return { path: paths.tree, head: sha, made: true, notices };
}

/** Where an issue's work stands: where git's entry says, or else its branch, or else its start; null: it has not begun. */
async function findWork(
  { agents, mirror }: RepositoryPair,
  paths: WorktreePaths,
  wanted: { branch: string; start: string },
): Promise<{ sha: string; inEntry: boolean } | null> {
  const record = await readRecord(paths);
  // No agent was in it before its set-up had finished: there is nothing to keep.
  if (!record?.ready || record.branch !== wanted.branch) return null;
  const same = record.start === wanted.start;
  const candidates = [await agents.headOf(paths), await agents.tipOf(wanted.branch)];
  for (const [index, sha] of candidates.entries()) {
    const goesOn = sha !== null && (same || (await agents.contains(sha, wanted.start)));
    if (goesOn && (await isImported(mirror, sha))) return { sha, inEntry: index === 0 };
  }
  return same ? { sha: wanted.start, inEntry: false } : null;
}

/** An entry is renewed from the mirror, so the mirror must have the commit; one that fsck refuses is left behind. */
async function isImported(mirror: Mirror, sha: string): Promise<boolean> {
  if ((await mirror.resolve(sha)) !== null) return true;
  try {
    await mirror.importCommit(sha);
    return true;
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error; // a git that died has refused nothing
    return false;
  }
}
