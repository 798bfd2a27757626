import { ForgeError } from '../failure/forge-error.ts';
import { gitErrorOf } from './refusal.ts';
import type { Git } from './git.ts';
import { gitWords, type GitAnswer } from '../failure/git-error.ts';
import { commitsHere, isAncestor } from './history.ts';
import { mergeTree } from './merge-tree.ts';
import { fetchFlags } from './mirror.ts';
import { shared } from '../host/in-order.ts';

/** Reads the remote where branches and landings go; never writes to it. */
export interface RemoteReader {
  /** Tips of the named branches; a name that ends in `*` is a prefix. @throws ForgeError `network`. */
  tips(branches: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Which of `shas` the commit `tip` contains; a sha that nobody has is not contained. */
  contained(tip: string, shas: readonly string[]): Promise<ReadonlySet<string>>;
  /** Files in which merging `sha` into `tip` would conflict; none if either sha cannot be found. */
  conflicts(tip: string, sha: string): Promise<readonly string[]>;
}

/** With more names than this, listing all refs is cheaper than matching each ref with each name. */
const NAMES = 50;

/** Up to this many, each sha is asked about alone: one walk for all is faster, but wrong commit dates can hide ancestors from it. */
const EACH = 4;

/** Asks `remote` through the mirror; a tip that the mirror lacks is fetched without moving a ref. */
export function createRemoteReader(at: { readonly mirror: () => Promise<Git>; readonly remote: string }): RemoteReader {
  return {
    async tips(branches) {
      if (branches.length === 0) return new Map();
      const git = await at.mirror();
      return tipsIn(await listing(git, at.remote, branches), branches);
    },
    async contained(tip, shas) {
      const git = await at.mirror();
      // Fetch the exact sha, not the branch: two fetches of one branch would fight over its lock.
      const fetch = ['fetch', ...fetchFlags, at.remote, tip];
      let known = await commitsHere(git, [tip, ...shas]);
      if (!known.has(tip)) {
        reached(await git.ask(fetch), at.remote);
        known = await commitsHere(git, shas); // work from elsewhere is here now, if the base has it
      }
      return ancestorsOf(git, tip, [...new Set(shas.filter((sha) => known.has(sha)))]);
    },
    async conflicts(tip, sha) {
      const git = await at.mirror();
      for (const each of [tip, sha]) {
        if ((await commitsHere(git, [each])).has(each)) continue;
        await git.ask(['fetch', ...fetchFlags, at.remote, each]);
        if (!(await commitsHere(git, [each])).has(each)) return [];
      }
      const merged = await mergeTree(git, tip, sha);
      return merged.kind === 'conflict' ? merged.files : [];
    },
  };
}

/** Names that the next question to a remote includes: twenty issues ask at once, and each question takes two processes. */
const wanted = new Map<string, Set<string>>();

function listing(git: Git, remote: string, branches: readonly string[]): Promise<string> {
  const name = `ls-remote ${git.dir} ${remote}`;
  const names = wanted.get(name) ?? new Set();
  wanted.set(name, names);
  for (const branch of branches) names.add(`refs/heads/${branch}`);
  return shared(name, async () => {
    wanted.delete(name);
    const asked = names.size > NAMES ? [] : names;
    return reached(await git.ask(['ls-remote', '--heads', '--end-of-options', remote, ...asked]), remote);
  });
}

async function ancestorsOf(git: Git, tip: string, shas: readonly string[]): Promise<ReadonlySet<string>> {
  if (shas.length <= EACH) {
    const answers = await Promise.all(shas.map((sha) => isAncestor(git, sha, tip)));
    return new Set(shas.filter((_, index) => answers[index]));
  }
  const missing = await git.run(['rev-list', '--stdin'], { input: [...shas, `^${tip}`].join('\n') });
  const outside = new Set(missing.split('\n'));
  return new Set(shas.filter((sha) => !outside.has(sha)));
}

function tipsIn(listing: string, branches: readonly string[]): ReadonlyMap<string, string> {
  const exact = new Set(branches.filter((branch) => !branch.endsWith('*')));
  const prefixes = branches.flatMap((branch) => (branch.endsWith('*') ? [branch.slice(0, -1)] : []));
  // ls-remote matches the end of a ref's name, so it may list more than was asked for.
  const wanted = (branch: string) => exact.has(branch) || prefixes.some((prefix) => branch.startsWith(prefix));
  const lines = [...listing.matchAll(/^([0-9a-f]{40,64})\trefs\/heads\/(.+)$/gm)];
  return new Map(lines.flatMap(([, sha = '', branch = '']) => (wanted(branch) ? [[branch, sha] as const] : [])));
}

function reached(answer: GitAnswer, remote: string): string {
  if (answer.exitCode === 0) return answer.stdout;
  const refusal = gitErrorOf(answer, { remote, what: 'list branches' });
  throw refusal ?? new ForgeError('network', `git cannot read ${remote}: ${gitWords(answer)}`);
}
