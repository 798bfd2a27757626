import { UsageError } from '../../input/errors.ts';
import { suggestion } from '../../input/suggest.ts';
import { quote } from '../../input/text.ts';
import type { UserRepository } from './locate.ts';

/** A branch and the commit that it pointed to when we looked. */
export interface BaseBranch {
  readonly name: string;
  /** Full sha: of the remote-tracking branch where there is an origin, else of the local one. */
  readonly commit: string;
}

/**
 * The default branch, whose commit is trusted: origin's HEAD, main or master, else the branch of HEAD.
 * @throws UsageError for a repository without a commit.
 */
export async function defaultBranch(repository: UserRepository): Promise<BaseBranch> {
  for (const name of repository.origin === null ? [] : await originCandidates(repository)) {
    const commit = await commitOf(repository, `refs/remotes/origin/${name}`);
    if (commit !== null) return { name, commit };
  }
  const head = await repository.ask(['symbolic-ref', 'HEAD']);
  if (head === null) return detached(repository);
  const commit = await commitOf(repository, head);
  if (commit !== null) return { name: head.replace(/^refs\/heads\//, ''), commit };
  throw new UsageError({
    where: repository.path,
    what: `there is no commit on ${head.replace(/^refs\/heads\//, '')}`,
    mend: 'commit something first: `git commit --allow-empty -m "Start"`',
  });
}

/** A branch that the configuration names. @throws UsageError when neither origin nor the repository has it. */
export async function namedBranch(
  repository: UserRepository,
  given: { readonly name: string; readonly where: string },
): Promise<BaseBranch> {
  const { name, where } = given;
  const valid = await repository.ask(['check-ref-format', `refs/heads/${name}`]);
  if (valid === null || name.startsWith('-')) {
    throw new UsageError({
      where,
      what: `${quote(name)} can't be the name of a branch`,
      mend: 'name a branch, `main`',
    });
  }
  const remote = repository.origin === null ? null : await commitOf(repository, `refs/remotes/origin/${name}`);
  const commit = remote ?? (await commitOf(repository, `refs/heads/${name}`));
  if (commit !== null) return { name, commit };
  const branches = (await repository.ask(['for-each-ref', '--format=%(refname:short)', 'refs/heads'])) ?? '';
  throw new UsageError({
    where,
    what: `there is no branch ${quote(name)}`,
    mend: branches === '' ? 'make it with a first commit' : suggestion(name, branches.split('\n').slice(0, 20)),
  });
}

/** Asks a remote on this disk for the base. @throws UsageError when it can't be read or has no such branch. */
export async function branchOnRemote(
  repository: UserRepository,
  remote: { readonly url: string; readonly name: string },
): Promise<void> {
  const where = `origin (${remote.url})`;
  const heads = await repository.branchesOf(remote.url, remote.name);
  if (heads === null) {
    const mend = 'correct it with `git remote set-url origin PATH`, or remove it with `git remote remove origin`';
    throw new UsageError({ where, what: 'git finds no repository there', mend });
  }
  if (heads !== '') return;
  const what = `has no branch ${quote(remote.name)}, where work starts and lands`;
  throw new UsageError({ where, what, mend: `push it: \`git push -u origin ${remote.name}\`` });
}

/** Sha of the commit that a full ref points to; null: there is no such ref. */
async function commitOf(repository: UserRepository, ref: string): Promise<string | null> {
  // Not `--quiet`: simple-git waits 50 ms more for a command that says nothing.
  return repository.ask(['rev-parse', '--verify', '--end-of-options', `${ref}^{commit}`]);
}

async function originCandidates(repository: UserRepository): Promise<readonly string[]> {
  const head = await repository.ask(['symbolic-ref', 'refs/remotes/origin/HEAD']);
  const name = head?.startsWith('refs/remotes/origin/') ? [head.slice('refs/remotes/origin/'.length)] : [];
  return [...name, 'main', 'master'];
}

function detached(repository: UserRepository): never {
  throw new UsageError({
    where: repository.path,
    what: 'no branch is checked out (detached HEAD), so there is none to start from and to land on',
    mend: 'run `git switch BRANCH`',
  });
}
