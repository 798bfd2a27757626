import { attemptRef } from '../../workflows/ids.ts';
import { besideRef, commitTree, keepRef, treeOf } from '../git/commit.ts';
import { firstImported, collectWork, type Collected } from './collect.ts';
import { GitFailure } from '../failure/git-error.ts';
import { issuePaths, readRecord, writeRecord, type WorktreePaths } from './record.ts';
import { hasFiles } from '../host/plain-file.ts';
import { inOrder } from '../host/in-order.ts';
import { checked } from '../git/names.ts';
import { renewEntry } from './making.ts';
import type { RepositoryPair } from './pair.ts';

/** What an attempt was to do, and where. */
export interface AttemptWork {
  readonly key: string;
  readonly attempt: number;
  readonly branch: string;
  /** Where the issue's branch starts: all work has to descend from it. */
  readonly start: string;
  /** Where the worktree stood before the attempt; in the mirror. */
  readonly head: string;
  /** Commit message for what the agent did not commit itself. */
  readonly message: string;
}

/** What an attempt came to, safe in the mirror. */
export interface CommittedWork {
  /** `AttemptWork.head` where no file differs from it. */
  readonly head: string;
  readonly changed: boolean;
  /** Private ref; names exactly `head`. */
  readonly ref: string;
}

/** The same, with what a person may want to know of it. */
export interface NotedWork extends CommittedWork {
  /** Sentences: what was left out, and why. */
  readonly notices: readonly string[];
}

/**
 * Commits what an attempt left and keeps it under a private ref. By then, all its processes must have ended.
 * Afterwards the worktree is clean and on its branch. May be repeated after a kill at any point.
 * @throws GitFailure `history-rewritten`; its message names the ref that keeps the work.
 */
export async function commitWork(pair: RepositoryPair, input: AttemptWork): Promise<NotedWork> {
  const { layout } = pair.repository;
  const paths = issuePaths(layout, input.key);
  checked('branch', input.branch);
  checked('sha', input.start);
  checked('sha', input.head);
  checked('private ref', attemptRef(input.key, input.attempt));
  return inOrder(`worktree ${layout.root} ${input.key}`, () => commit(pair, paths, input));
}

async function commit(pair: RepositoryPair, paths: WorktreePaths, input: AttemptWork): Promise<NotedWork> {
  const ref = attemptRef(input.key, input.attempt);
  const found = await collectWork(pair, paths, { branch: input.branch, otherwise: input.head });
  const before = found.tip === input.head ? found.tipTree : await treeOf(pair.mirror, input.head);
  const changed = found.tree !== before;
  const head = changed ? await commitOn(pair, { ...input, ref, found }) : input.head;
  const kept = await keepRef(pair.mirror, ref, head);
  const notices = [...found.notices, ...(await restore(pair, paths, { ...input, ref, head, found }))];
  return { head, changed, ref: kept, notices };
}

type CollectedWork = AttemptWork & { readonly ref: string; readonly found: Collected };

/** A commit with the attempt's files that descends from its head. */
async function commitOn({ mirror }: RepositoryPair, { found, ...input }: CollectedWork): Promise<string> {
  const like = { ref: input.ref, message: input.message, tree: found.tree };
  const own = found.tip !== input.head;
  if (own && !(await mirror.isAncestor(input.start, found.tip))) {
    const same = found.tree === found.tipTree;
    const sha = same ? found.tip : await commitTree(mirror, { ...like, parents: [found.tip] });
    const kept = await keepRef(mirror, besideRef(input.ref, sha), sha);
    const problem = `the agent's history does not contain ${input.start}, where ${input.branch} starts`;
    throw new GitFailure('history-rewritten', `${problem}; its work is kept at ${kept}`);
  }
  // Pushed commits are never taken back: an amended history becomes a second parent.
  const goesOn = !own || (await mirror.isAncestor(input.head, found.tip));
  if (goesOn && found.tree === found.tipTree) return found.tip;
  return commitTree(mirror, { ...like, parents: goesOn ? [found.tip] : [input.head, found.tip] });
}

/** Brings worktree and branch to where the work is now. Commits that only the branch has get a ref of their own first. */
async function restore(pair: RepositoryPair, paths: WorktreePaths, at: CollectedWork): Promise<readonly string[]> {
  const { agents, mirror } = pair;
  const left = at.found.branch;
  const notices: string[] = [];
  if (left !== null && left !== at.head && !(await mirror.isAncestor(left, at.head))) {
    const saved = await firstImported(pair, [left, at.head], notices);
    if (saved === left)
      notices.push(`commits off the branch are kept at ${await keepRef(mirror, besideRef(at.ref, left), left)}`);
  }
  if (!(await hasFiles(paths.tree))) {
    await agents.write(() => agents.setBranch(at.branch, at.head));
    return notices;
  }
  await renewEntry(pair, paths, { branch: at.branch, sha: at.head, staged: at.found.tree === at.found.indexed });
  if ((await readRecord(paths)) === null) {
    await writeRecord(paths.record, { version: 1, branch: at.branch, start: at.start, ready: true });
  }
  return notices;
}
