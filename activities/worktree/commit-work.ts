import { attemptRef } from '../../workflows/ids.ts';
import { besideRef, commitTree, keepRef, treeOf } from '../git/commit.ts';
import { firstImported, gather, type Gathered } from './collect.ts';
import { GitFailure } from '../git/git.ts';
import { issuePlace, readLease, writeLease, type Place } from './record.ts';
import { hasFiles } from '../host/plain-file.ts';
import { inOrder } from '../host/in-order.ts';
import { checked } from '../git/names.ts';
import type { Repository } from '../repository/repository.ts';
import { openTools } from './worktree.ts';
import { renewEntry, type Tools } from './making.ts';

export interface WorkInput {
  readonly key: string;
  readonly attempt: number;
  readonly branch: string;
  /** Where the issue's branch starts: all work has to descend from it. */
  readonly start: string;
  /** Where the worktree stood before the attempt; in the mirror. */
  readonly head: string;
  /** Message of the commit for what the agent did not commit itself. */
  readonly message: string;
}

/** What an attempt left, safe in the mirror. */
export interface Work {
  /** The input's head where the files are the same as there. */
  readonly head: string;
  readonly changed: boolean;
  /** Names exactly `head`. */
  readonly ref: string;
  /** Sentences: what was left out, and why. */
  readonly notices: readonly string[];
}

/**
 * Commits what an attempt left and keeps it under a private ref; no process of the attempt may live any more.
 * Afterwards the worktree is clean and on its branch. May be repeated after a kill at any point.
 * @throws GitFailure `history-rewritten`; its message names the ref that keeps the work.
 */
export async function commitWork(repository: Repository, input: WorkInput): Promise<Work> {
  const place = issuePlace(repository.layout, input.key);
  checked('branch', input.branch);
  checked('sha', input.start);
  checked('sha', input.head);
  checked('private ref', attemptRef(input.key, input.attempt));
  const tools = await openTools(repository);
  return inOrder(`worktree ${repository.layout.root} ${input.key}`, () => commit(tools, place, input));
}

async function commit(tools: Tools, place: Place, input: WorkInput): Promise<Work> {
  const ref = attemptRef(input.key, input.attempt);
  const found = await gather(tools, place, { branch: input.branch, otherwise: input.head });
  const before = found.tip === input.head ? found.tipTree : await treeOf(tools.mirror, input.head);
  const changed = found.tree !== before;
  const head = changed ? await commitOn(tools, { ...input, ref, found }) : input.head;
  const kept = await keepRef(tools.mirror, ref, head);
  const notices = [...found.notices, ...(await settle(tools, place, { ...input, ref, head, found }))];
  return { head, changed, ref: kept, notices };
}

type Gathering = WorkInput & { readonly ref: string; readonly found: Gathered };

/** The commit that holds the attempt's files and goes on from its head. */
async function commitOn({ mirror }: Tools, { found, ...input }: Gathering): Promise<string> {
  const like = { ref: input.ref, message: input.message, tree: found.tree };
  const own = found.tip !== input.head;
  if (own && !(await mirror.isAncestor(input.start, found.tip))) {
    const same = found.tree === found.tipTree;
    const sha = same ? found.tip : await commitTree(mirror, { ...like, parents: [found.tip] });
    const kept = await keepRef(mirror, besideRef(input.ref, sha), sha);
    const problem = `the agent's history does not contain ${input.start}, where ${input.branch} starts`;
    throw new GitFailure('history-rewritten', `${problem}; its work is kept at ${kept}`);
  }
  // What was pushed once is never taken back: an amended history becomes a second parent.
  const goesOn = !own || (await mirror.isAncestor(input.head, found.tip));
  if (goesOn && found.tree === found.tipTree) return found.tip;
  return commitTree(mirror, { ...like, parents: goesOn ? [found.tip] : [input.head, found.tip] });
}

/** Puts worktree and branch where the work is now; commits that are on the branch alone get a ref of their own first. */
async function settle(tools: Tools, place: Place, at: Gathering): Promise<readonly string[]> {
  const { agents, mirror } = tools;
  const left = at.found.branch;
  const notices: string[] = [];
  if (left !== null && left !== at.head && !(await mirror.isAncestor(left, at.head))) {
    const saved = await firstImported(tools, [left, at.head], notices);
    if (saved === left)
      notices.push(`commits off the branch are kept at ${await keepRef(mirror, besideRef(at.ref, left), left)}`);
  }
  if (!(await hasFiles(place.tree))) {
    await agents.write(() => agents.setBranch(at.branch, at.head));
    return notices;
  }
  await renewEntry(tools, place, { branch: at.branch, sha: at.head, staged: at.found.tree === at.found.indexed });
  if ((await readLease(place)) === null) {
    await writeLease(place.lease, { version: 1, branch: at.branch, start: at.start, ready: true });
  }
  return notices;
}
