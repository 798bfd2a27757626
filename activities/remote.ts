import { ForgeError } from './forges/forge.ts';
import { createGit, type GitAnswer } from './git.ts';

/** What is asked of the place where branches and landings go; never written to from here. */
export interface Remote {
  /** Tips of the branches that are named, or begin with a name that ends in `*`. @throws ForgeError `network`. */
  tips(branches: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Those of `shas` that `tip` contains; a sha that nobody has counts as not contained. */
  contained(tip: string, shas: readonly string[]): Promise<ReadonlySet<string>>;
}

/** Above this many names the whole listing is cheaper than matching each ref with each name. */
const NAMES = 50;

/** Asks `remote` through the mirror, fetching a tip that the mirror does not have without moving any ref. */
export function createRemote(at: { readonly mirror: string; readonly remote: string }): Remote {
  const git = createGit(at.mirror);
  const present = async (shas: readonly string[]): Promise<ReadonlySet<string>> => {
    const format = '--batch-check=%(objecttype) %(objectname)';
    const listing = await git.run(['cat-file', format], { input: shas.join('\n') });
    return new Set([...listing.matchAll(/^commit ([0-9a-f]+)$/gm)].map(([, sha = '']) => sha));
  };
  return {
    async tips(branches) {
      if (branches.length === 0) return new Map();
      const names = branches.length > NAMES ? [] : branches.map((branch) => `refs/heads/${branch}`);
      const answer = await git.ask(['ls-remote', '--heads', '--end-of-options', at.remote, ...names]);
      return tipsIn(reached(answer, at.remote), branches);
    },
    async contained(tip, shas) {
      const known = await present([tip, ...shas]);
      // The exact sha and no ref: two fetches of the same branch would fight over its lock.
      const fetch = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--end-of-options', at.remote, tip];
      if (!known.has(tip)) reached(await git.ask(fetch, { timeoutMs: 600_000 }), at.remote);
      const asked = shas.filter((sha) => known.has(sha) || sha === tip);
      if (asked.length === 0) return new Set();
      const missing = await git.run(['rev-list', '--stdin'], { input: [...asked, `^${tip}`].join('\n') });
      const outside = new Set(missing.split('\n'));
      return new Set(asked.filter((sha) => !outside.has(sha)));
    },
  };
}

function tipsIn(listing: string, branches: readonly string[]): ReadonlyMap<string, string> {
  const exact = new Set(branches.filter((branch) => !branch.endsWith('*')));
  const prefixes = branches.flatMap((branch) => (branch.endsWith('*') ? [branch.slice(0, -1)] : []));
  // ls-remote matches the tail of a ref's name, so more than what was asked for may come.
  const wanted = (branch: string) => exact.has(branch) || prefixes.some((prefix) => branch.startsWith(prefix));
  const lines = [...listing.matchAll(/^([0-9a-f]{40,64})\trefs\/heads\/(.+)$/gm)];
  return new Map(lines.flatMap(([, sha = '', branch = '']) => (wanted(branch) ? [[branch, sha] as const] : [])));
}

function reached(answer: GitAnswer, remote: string): string {
  if (answer.exitCode === 0) return answer.stdout;
  throw new ForgeError('network', `git cannot read ${remote}: ${answer.stderr.trim().slice(-500)}`);
}
