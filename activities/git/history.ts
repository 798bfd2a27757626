import type { Git } from './git.ts';
import { looseRef } from './loose-ref.ts';
import { checked, isSha } from './names.ts';

// What git said about commits of a repository that never loses one. It stays true, so it is asked once. Each git process
// that we do not start saves 3 to 10 ms of CPU, and an issue had ten of these questions.

/** Tree and parents of a commit. */
export interface CommitFacts {
  readonly tree: string;
  readonly parents: readonly string[];
}

interface Known {
  readonly here: Set<string>;
  readonly facts: Map<string, CommitFacts>;
  /** `ancestor descendant`. Holds only positive answers: a commit fetched later can turn a no into a yes. */
  readonly ancestors: Set<string>;
}

/** Most entries of one kind; then all are forgotten, so that a worker stays small. Those still in use are asked for again. */
const MOST = 20_000;

const repositories = new Map<string, Known>();

/** Forgets what is known of a repository, because it was made anew. */
export function forgetHistory(dir: string): void {
  repositories.delete(dir);
}

/** Notes that the repository has a commit, for good. */
export function noteHere(git: Git, sha: string): void {
  knownOf(git).here.add(sha);
}

/** Notes tree and parents of a new commit. */
export function noteCommit(git: Git, sha: string, facts: CommitFacts): void {
  const known = knownOf(git);
  known.here.add(sha);
  known.facts.set(sha, facts);
}

/** Whether the commit is known to be in the repository; false means unknown. */
export function isKnownHere(git: Git, sha: string): boolean {
  return knownOf(git).here.has(sha);
}

/** Which of `shas` are commits of the repository. */
export async function commitsHere(git: Git, shas: readonly string[]): Promise<ReadonlySet<string>> {
  const { here } = knownOf(git);
  const asked = [...new Set(shas)].filter((sha) => !here.has(sha));
  if (asked.length > 0) {
    const format = '--batch-check=%(objecttype) %(objectname)';
    const listing = await git.run(['cat-file', format], { input: asked.join('\n') });
    for (const [, sha = ''] of listing.matchAll(/^commit ([0-9a-f]+)$/gm)) here.add(sha);
  }
  return new Set(shas.filter((sha) => here.has(sha)));
}

/** Sha of the commit that a full ref name or a sha refers to; null: none. */
export async function resolveCommit(git: Git, name: string): Promise<string | null> {
  const { here } = knownOf(git);
  const found = isSha(name) ? { sha: name } : await looseRef(git.dir, name);
  if (found === 'nothing') return null;
  if (found !== 'unknown' && here.has(found.sha)) return found.sha;
  const answer = await git.ask(['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]);
  if (answer.exitCode !== 0) return null;
  here.add(answer.stdout);
  return answer.stdout;
}

/** Tree and parents of the commits, in the given order. @throws GitError when one is missing. */
export async function commitFacts(git: Git, shas: readonly string[]): Promise<readonly CommitFacts[]> {
  const { facts, here } = knownOf(git);
  const asked = [...new Set(shas)].filter((sha) => !facts.has(sha));
  if (asked.length > 0) {
    const names = asked.map((sha) => checked('sha', sha));
    const listing = await git.run(['show', '-s', '--format=%H %T %P', '--end-of-options', ...names]);
    for (const line of listing.split('\n')) {
      const [sha = '', tree = '', ...parents] = line.trim().split(' ');
      facts.set(sha, { tree, parents });
      here.add(sha);
    }
  }
  return shas.map((sha) => facts.get(sha)!);
}

/** Whether `descendant` contains `ancestor`; also false when either is missing here. */
export async function isAncestor(git: Git, ancestor: string, descendant: string): Promise<boolean> {
  const { ancestors, facts, here } = knownOf(git);
  const pair = `${checked('sha', ancestor)} ${checked('sha', descendant)}`;
  if (ancestor === descendant && here.has(ancestor)) return true;
  if (ancestors.has(pair)) return true;
  if (ancestor !== descendant && ancestors.has(`${descendant} ${ancestor}`)) return false;
  const isSo =
    (facts.get(descendant)?.parents.includes(ancestor) && here.has(ancestor)) ||
    (await git.ask(['merge-base', '--is-ancestor', ancestor, descendant])).exitCode === 0;
  if (isSo) ancestors.add(pair);
  return isSo;
}

function knownOf(git: Git): Known {
  const known = repositories.get(git.dir);
  if (known && Math.max(known.here.size, known.facts.size, known.ancestors.size) < MOST) return known;
  const fresh: Known = { here: new Set(), facts: new Map(), ancestors: new Set() };
  repositories.set(git.dir, fresh);
  return fresh;
}
