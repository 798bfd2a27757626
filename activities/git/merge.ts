import type { LandResult } from '../../workflows/domain/forge/delivery.ts';
import { shellWord } from '../../workflows/domain/host/shell.ts';
import { commitTree } from './commit.ts';
import { GitError, GitFailure } from '../failure/git-error.ts';
import { openMirror, trackingRef, type Mirror } from './mirror.ts';
import { rejection, unreachable } from './push.ts';
import { inOrder } from '../host/in-order.ts';
import { checked, headRef } from './names.ts';
import type { Repository } from '../repository/repository.ts';

/** Times that a landing starts over because somebody else moved the base in between. */
const TRIES = 5;

export interface DirectLanding {
  /** Branch of the remote that gets the work. */
  readonly base: string;
  readonly head: string;
  /** Message of the merge commit. */
  readonly message: string;
}

/** A landing without a forge waits for nothing. */
export type DirectResult = Extract<LandResult, { kind: 'landed' | 'conflict' | 'blocked' }>;

/**
 * Merges a sha into the newest base and pushes it there, always with a merge commit; contained already is landed.
 * @throws GitFailure `base-missing`, `remote-unreachable`, or `push-rejected` when the base never stood still.
 */
export async function landDirect(repository: Repository, landing: DirectLanding): Promise<DirectResult> {
  const mirror = await openMirror(repository);
  const { remote } = repository.settings.repository;
  return inOrder(`land ${repository.layout.root}`, async () => {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const tip = await mirror.fetchBase(landing.base);
      if (await mirror.isAncestor(landing.head, tip)) return { kind: 'landed', sha: tip };
      const merged = await mergeTree(mirror, tip, landing.head);
      if (merged.kind === 'conflict') return merged;
      const parents = [tip, checked('sha', landing.head)];
      const sha = await commitTree(mirror, { ref: null, tree: merged.tree, parents, message: landing.message });
      const pushed = await pushBase(mirror, { ...landing, remote, sha, tip });
      if (pushed !== 'moved') return pushed;
    }
    throw new GitFailure(
      'push-rejected',
      `${landing.base} of ${remote} moved ${TRIES} times while ${landing.head} was landing; retry the issue`,
    );
  });
}

/** A head and the branch that it is to land on. */
export interface Proposed {
  readonly base: string;
  readonly head: string;
}

/** Files in which a head conflicts with the newest base; empty: it merges clean. Exact, where forges answer late. */
export async function mergeConflicts(repository: Repository, { base, head }: Proposed): Promise<readonly string[]> {
  const mirror = await openMirror(repository);
  const merged = await mergeTree(mirror, await mirror.fetchBase(base), head);
  return merged.kind === 'conflict' ? merged.files : [];
}

/** Paths that a head changes since it left the newest base, also those that it removes or renames away. */
export async function changedFiles(repository: Repository, { base, head }: Proposed): Promise<readonly string[]> {
  const mirror = await openMirror(repository);
  const start = await mirror.mergeBase(await mirror.fetchBase(base), head);
  if (start === null) throw new GitFailure('work-refused', `${head} has no history in common with ${base}`);
  const args = ['diff', '--name-only', '-z', '--no-renames', '--no-ext-diff', '--end-of-options', start, head];
  return (await mirror.git.run(args)).split('\0').filter((path) => path !== '');
}

export type DependencyMerge =
  | { readonly kind: 'merged'; readonly sha: string }
  /** `sha` does not merge with the ones before it. */
  | { readonly kind: 'conflict'; readonly sha: string; readonly files: readonly string[] };

/** One commit that contains all of these, merged in their order; the same answer each time. At least one. */
export async function mergeDependencies(repository: Repository, shas: readonly string[]): Promise<DependencyMerge> {
  const mirror = await openMirror(repository);
  let [sum = ''] = shas;
  for (const sha of shas) {
    // What another host has made is on the remote.
    if (!(await mirror.fetchCommit(sha)))
      throw new GitFailure('work-refused', `${sha}, which this builds on, is neither here nor on the remote`);
  }
  for (const sha of shas.slice(1)) {
    if (await mirror.isAncestor(sha, sum)) continue;
    if (await mirror.isAncestor(sum, sha)) {
      sum = sha;
      continue;
    }
    const merged = await mergeTree(mirror, sum, sha);
    if (merged.kind === 'conflict') return { ...merged, sha };
    sum = await datedCommit(mirror, { tree: merged.tree, parents: [sum, sha] });
  }
  await mirror.keep(sum);
  return { kind: 'merged', sha: sum };
}

type TreeMerge =
  | { readonly kind: 'merged'; readonly tree: string }
  | { readonly kind: 'conflict'; readonly files: readonly string[] };

/** Needs git 2.38; no worktree, and no merge driver, since the mirror configures none. */
async function mergeTree(mirror: Mirror, ours: string, theirs: string): Promise<TreeMerge> {
  const args = [
    'merge-tree',
    '--write-tree',
    '--name-only',
    '--no-messages',
    '-z',
    checked('sha', ours),
    checked('sha', theirs),
  ];
  const answer = await mirror.git.ask(args);
  const [tree = '', ...files] = answer.stdout.split('\0').filter((each) => each !== '');
  if (answer.exitCode === 0) return { kind: 'merged', tree };
  if (answer.exitCode !== 1) throw new GitError(args, mirror.git.dir, answer);
  return { kind: 'conflict', files: [...new Set(files)] };
}

/** Dated like its newest parent, so that a repeated call makes the same sha. */
async function datedCommit(mirror: Mirror, commit: { tree: string; parents: readonly string[] }): Promise<string> {
  const dates = await mirror.git.run(['show', '-s', '--format=%ct', ...commit.parents]);
  const date = `${Math.max(...dates.split('\n').map(Number))} +0000`;
  const flags = commit.parents.flatMap((parent) => ['-p', parent]);
  const message = `Merge the work of ${commit.parents.length} dependencies\n`;
  const env = { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
  return mirror.git.run(['commit-tree', ...flags, '-F', '-', commit.tree], { input: message, env });
}

interface BasePush extends DirectLanding {
  readonly remote: string;
  readonly sha: string;
  readonly tip: string;
}

async function pushBase(mirror: Mirror, to: BasePush): Promise<DirectResult | 'moved'> {
  const ref = headRef(to.base);
  const flags = ['--porcelain', `--force-with-lease=${ref}:${to.tip}`, ...receiver(to.remote)];
  const args = ['push', ...flags, '--end-of-options', to.remote, `${checked('sha', to.sha)}:${ref}`];
  const answer = await mirror.git.ask(args, { env: userHome() });
  if (answer.exitCode === 0) {
    await mirror.git.run(['update-ref', trackingRef(to.base), to.sha]);
    return { kind: 'landed', sha: to.sha };
  }
  const words = rejection(answer);
  if (words === null) return unreachable(answer, { remote: to.remote, branch: to.base });
  if (/stale info|fetch first|non-fast-forward|cannot lock ref|failed to update ref|incorrect old value/.test(words))
    return 'moved';
  return blocked(mirror, to, words);
}

/**
 * In a repository on this disk a base that is checked out moves together with its clean working tree, or not at all.
 * That working tree is its owner's, so it is updated with the owner's configuration: LFS filters stand there.
 */
function receiver(remote: string): readonly string[] {
  if (!remote.startsWith('/') && !remote.startsWith('file://')) return [];
  const own = 'env -u GIT_CONFIG_GLOBAL -u GIT_CONFIG_NOSYSTEM -u GIT_ATTR_NOSYSTEM HOME="$MILLRACE_OWNER_HOME"';
  return [`--receive-pack=${own} git -c receive.denyCurrentBranch=updateInstead receive-pack`];
}

function userHome(): Readonly<Record<string, string>> {
  return { MILLRACE_OWNER_HOME: process.env['HOME'] ?? '/nonexistent' };
}

function blocked(mirror: Mirror, to: BasePush, words: string): DirectResult {
  const path = shellWord(to.remote.replace(/^file:\/\//, ''));
  if (/[Ww]orking (directory|tree)|would be (overwritten|lost)|denyCurrentBranch|checked out/.test(words)) {
    const told = /\[remote rejected\] \((.+?)\)/.exec(words)?.[1] ?? words;
    const reason = `${to.base} is checked out in ${to.remote} with changes that are not committed (${told})`;
    return { kind: 'blocked', reason, command: `git -C ${path} stash --include-untracked` };
  }
  const reason = `${to.remote} does not let ${to.base} move: ${words}`;
  const spec = shellWord(`${to.sha}:${headRef(to.base)}`);
  return {
    kind: 'blocked',
    reason,
    command: `git --git-dir=${shellWord(mirror.git.dir)} push ${shellWord(to.remote)} ${spec}`,
  };
}
