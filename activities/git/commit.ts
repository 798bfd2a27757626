import { GitError } from '../failure/git-error.ts';
import { commitFacts, noteCommit } from './history.ts';
import type { Mirror } from './mirror.ts';
import { checked } from './names.ts';

/** Tree of a commit of the mirror. @throws GitError when it is not there. */
export async function treeOf(mirror: Mirror, sha: string): Promise<string> {
  const [facts] = await commitFacts(mirror.git, [sha]);
  return facts!.tree;
}

/** Makes a commit, or returns the one that `ref` already names if it says the same: a repeated step changes nothing. */
export async function commitTree(
  mirror: Mirror,
  commit: { ref: string | null; tree: string; parents: readonly string[]; message: string },
): Promise<string> {
  const { ref, tree, parents } = commit;
  const known = ref === null ? null : await mirror.resolve(ref);
  if (known !== null) {
    const [facts] = await commitFacts(mirror.git, [known]);
    if ([facts!.tree, ...facts!.parents].join(' ') === [tree, ...parents].join(' ')) return known;
  }
  const flags = parents.flatMap((parent) => ['-p', checked('sha', parent)]);
  const input = `${commit.message.replaceAll('\0', '')}\n`;
  const sha = await mirror.git.run(['commit-tree', ...flags, '-F', '-', checked('sha', tree)], { input });
  noteCommit(mirror.git, sha, { tree, parents });
  return sha;
}

/** Keeps a commit under a private ref, or beside it if that holds other work; returns the name of the ref. */
export async function keepRef(mirror: Mirror, ref: string, sha: string): Promise<string> {
  const create = `create ${checked('private ref', ref)} ${checked('sha', sha)}\n`;
  const created = await mirror.git.ask(['update-ref', '--stdin'], { input: create });
  if (created.exitCode === 0) return ref;
  const known = await mirror.resolve(ref);
  if (known === sha) return ref;
  if (known === null) throw new GitError(['update-ref', ref], mirror.git.dir, created);
  if (await mirror.isAncestor(known, sha)) {
    await mirror.git.run(['update-ref', '--stdin'], { input: `update ${ref} ${sha} ${known}\n` });
    return ref;
  }
  const beside = besideRef(ref, sha);
  if (beside === ref) throw new Error(`${ref} holds ${known}, and ${sha} was to be kept there`);
  return keepRef(mirror, beside, sha); // never overwritten: what was reported once stays
}

/** Name for other work of the same attempt. It contains the commit, so a repeated step finds its own. */
export function besideRef(ref: string, sha: string): string {
  return `${ref.replace(/-[0-9a-f]{12}$/, '')}-${sha.slice(0, 12)}`;
}
