import { mkdir, rename } from 'node:fs/promises';
import { attemptRef } from '../workflows/ids.ts';
import { commitTree, keepRef, treesOf } from './commit.ts';
import { GitFailure, GitError } from './git.ts';
import { issuePlace, readLease, writeLease, type Place } from './lease.ts';
import { clearLock } from './lock-file.ts';
import { inOrder } from './queue.ts';
import { checked } from './ref.ts';
import type { Repository } from './repository.ts';
import { stageFiles, workIndex, type Staged } from './staging.ts';
import { hasFiles, openTools } from './worktree.ts';
import { renewEntry, type Tools } from './worktree-making.ts';

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
  const { mirror } = tools;
  const ref = attemptRef(input.key, input.attempt);
  const found = await collect(tools, place, input);
  const [before, tipTree] = await treesOf(mirror, [input.head, found.tip]);
  const changed = found.tree !== before;
  const like = { ref, message: input.message, tree: found.tree };
  let head = input.head;
  if (changed && found.tip !== input.head && !(await mirror.isAncestor(input.start, found.tip))) {
    const lost = await commitTree(mirror, { ...like, parents: [found.tip] });
    const kept = await keepRef(mirror, `${ref}-${lost.slice(0, 12)}`, lost);
    throw new GitFailure(
      'history-rewritten',
      `the agent's history does not contain ${input.start}, where ${input.branch} starts; its work is kept at ${kept}`,
    );
  }
  if (changed) {
    // What was pushed once is never taken back: an amended history becomes a second parent.
    const goesOn = found.tip === input.head || (await mirror.isAncestor(input.head, found.tip));
    const parents = goesOn ? [found.tip] : [input.head, found.tip];
    head = goesOn && found.tree === tipTree ? found.tip : await commitTree(mirror, { ...like, parents });
  }
  const kept = await keepRef(mirror, ref, head);
  const notices = [...found.notices, ...(await settle(tools, place, { ...input, ref, head }))];
  return { head, changed, ref: kept, notices };
}

interface Found {
  /** The agent's newest commit, in the mirror. */
  readonly tip: string;
  /** Its files, with what it did not commit. */
  readonly tree: string;
  readonly notices: readonly string[];
}

async function collect(tools: Tools, place: Place, input: WorkInput): Promise<Found> {
  const stood = await tools.agents.headOf(place);
  const branch = await tools.agents.tipOf(input.branch);
  const first = await brought(tools, [stood, branch], input.head);
  const staged = await stage(tools, place, first.tip);
  const clean = (await treesOf(tools.mirror, [first.tip]))[0] === staged.tree;
  // It looked at an older commit and did not go back: the branch has the work.
  const older = clean && branch !== null && branch !== first.tip && (await tools.agents.contains(branch, first.tip));
  if (!older) return { tip: first.tip, tree: staged.tree, notices: [...first.notices, ...staged.omitted] };
  const second = await brought(tools, [branch], first.tip);
  const tree = { path: place.tree, index: place.index };
  const moved = await tools.mirror.git.ask(['read-tree', '-m', '-u', first.tip, second.tip], { tree });
  const tip = moved.exitCode === 0 ? second.tip : first.tip;
  const [files = ''] = await treesOf(tools.mirror, [tip]);
  return { tip, tree: files, notices: [...second.notices, ...staged.omitted] };
}

/** The first of some commits that exists and that the mirror takes over, else `otherwise`. */
async function brought(tools: Tools, shas: readonly (string | null)[], otherwise: string) {
  const notices: string[] = [];
  for (const sha of shas) {
    if (sha === null) continue;
    try {
      if ((await tools.mirror.resolve(sha)) === null) await tools.mirror.importCommit(sha);
      return { tip: sha, notices };
    } catch (error) {
      if (!(error instanceof GitFailure || error instanceof GitError)) throw error;
      notices.push(`a commit of the agent is left out, its files are not: ${error.message}`); // say, objects it pruned
    }
  }
  return { tip: otherwise, notices };
}

/** With no files there (the agent deleted its worktree) what was committed is all. */
async function stage(tools: Tools, place: Place, sha: string): Promise<Staged> {
  if (!(await hasFiles(place.tree))) {
    const [tree = ''] = await treesOf(tools.mirror, [sha]);
    return { tree, omitted: [] };
  }
  await mkdir(place.lease, { recursive: true, mode: 0o700 });
  const index = workIndex(place);
  await clearLock(`${index}.lock`);
  const staged = await stageFiles(tools, place, { sha, index });
  await rename(index, place.index);
  return staged;
}

/** Puts worktree and branch where the work is now; commits that are on the branch alone get a ref of their own first. */
async function settle(tools: Tools, place: Place, at: WorkInput & { ref: string }): Promise<readonly string[]> {
  const { agents, mirror } = tools;
  const tip = await agents.tipOf(at.branch);
  const notices: string[] = [];
  if (tip !== null && tip !== at.head && !(await agents.contains(at.head, tip))) {
    const { notices: refused, tip: saved } = await brought(tools, [tip], at.head);
    notices.push(...refused);
    if (saved === tip)
      notices.push(
        `commits that the agent took back are kept at ${await keepRef(mirror, `${at.ref}-${tip.slice(0, 12)}`, tip)}`,
      );
  }
  if (!(await hasFiles(place.tree))) {
    await agents.write(() => agents.setBranch(at.branch, at.head));
    return notices;
  }
  await renewEntry(tools, place, { branch: at.branch, sha: at.head });
  if ((await readLease(place)) === null) {
    await writeLease(place.lease, { version: 1, branch: at.branch, start: at.start, ready: true });
  }
  return notices;
}
