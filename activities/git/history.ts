import type { Git } from './git.ts';
import { looseRef } from './loose-ref.ts';
import { checked, isSha } from './names.ts';

// What git said of commits in a repository that never loses one: true for ever, so it is asked once. Each git process
// that is not started saves 3 to 10 ms of CPU, and an issue had ten of these questions.

/** What a commit says of itself. */
export interface CommitFacts {
  readonly tree: string;
  readonly parents: readonly string[];
}

interface Known {
  readonly here: Set<string>;
  readonly facts: Map<string, CommitFacts>;
  /** `ancestor descendant`; only what is so, since a commit that comes later can make more of it so. */
  readonly ancestors: Set<string>;
}

/** Entries of one kind before all is forgotten: a worker stays small, and the newest are asked for again at once. */
const MOST = 20_000;

const repositories = new Map<string, Known>();

/** Forgets a repository: it was made anew. */
export function forgetHistory(dir: string): void {
  repositories.delete(dir);
}

/** Notes that a commit is in the repository, for good. */
export function noteHere(git: Git, sha: string): void {
  knownOf(git).here.add(sha);
}

/** Notes what a new commit says of itself. */
export function noteCommit(git: Git, sha: string, facts: CommitFacts): void {
  const known = knownOf(git);
  known.here.add(sha);
  known.facts.set(sha, facts);
}

/** Whether a commit was seen in the repository; false: unknown. */
export function isKnownHere(git: Git, sha: string): boolean {
  return knownOf(git).here.has(sha);
}

/** Those of `shas` that are commits of the repository. */
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

/** Sha of the commit that a full name of a ref, or a sha, names; null: none. */
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

/** Tree and parents of some commits, in their order. @throws GitError when one is not there. */
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

/** Whether `descendant` contains `ancestor`; false as well when one of them is not here. */
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
