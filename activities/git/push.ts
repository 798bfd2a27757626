import type { PublishInput } from '../../workflows/domain/forge/delivery.ts';
import { gitErrorOf, pushErrorOf } from './refusal.ts';
import { GitFailure, gitWords, type GitAnswer } from '../failure/git-error.ts';
import { openMirror, type Mirror } from './mirror.ts';
import { checked } from './names.ts';
import type { Repository } from '../repository/repository.ts';

/** A push of a sha that a private ref names to a branch of ours, if that branch is still where we left it. */
export type PushInput = Pick<PublishInput, 'branch' | 'ref' | 'head' | 'expected'>;

/**
 * Pushes one exact sha to the remote; a push that is done already succeeds, also after a lost answer.
 * @throws GitFailure `push-rejected` or `remote-unreachable`. @throws ForgeError where a server refuses us.
 */
export async function pushBranch(repository: Repository, input: PushInput): Promise<void> {
  const { remote } = repository.settings.repository;
  const mirror = await openMirror(repository);
  const head = checked('sha', input.head);
  if ((await mirror.resolve(checked('private ref', input.ref))) !== head) {
    throw new GitFailure('push-rejected', `${input.ref} does not hold ${head}: work is pushed only once it is kept`);
  }
  const first = await push(mirror, { ...input, remote });
  if (first === 'pushed') return;
  const there = await tipAt(mirror, { remote, branch: input.branch });
  if (there === head) return;
  // An earlier push of ours arrived although its answer was lost: go on from there.
  if (there !== null && there !== input.expected && (await isOurs(mirror, input, there))) {
    const second = await push(mirror, { ...input, remote, expected: there });
    if (second === 'pushed' || (await tipAt(mirror, { remote, branch: input.branch })) === head) return;
  }
  const found = there === null ? 'is not there' : `is at ${there}`;
  const mend = `look at what is there, delete or rename that branch, and retry the issue`;
  throw new GitFailure(
    'push-rejected',
    `${remote} refuses ${input.branch} at ${head}: the branch ${found}, expected ${input.expected ?? 'none'}; ${mend}. git: ${first.slice(-1000)}`,
  );
}

/** Deletes a branch of ours if it is still at that sha; leaves it alone if it moved, is gone, or may not be deleted. */
export async function deleteBranch(
  repository: Repository,
  { branch, head }: { readonly branch: string; readonly head: string },
): Promise<void> {
  const { remote } = repository.settings.repository;
  const ref = `refs/heads/${checked('branch', branch)}`;
  const lease = `--force-with-lease=${ref}:${checked('sha', head)}`;
  const { git } = await openMirror(repository);
  const answer = await git.ask(['push', '--porcelain', lease, '--end-of-options', remote, `:${ref}`]);
  if (answer.exitCode !== 0 && rejection(answer) === null) unreachable(answer, { remote, branch });
}

/** 'pushed', or what git said. A lease forces the push and would rewind the branch, so the ancestry is checked first. */
async function push(mirror: Mirror, to: PushInput & { remote: string }): Promise<string> {
  const ref = `refs/heads/${checked('branch', to.branch)}`;
  if (to.expected !== null && !(await mirror.isAncestor(to.expected, to.head))) {
    return `${to.head} does not contain ${to.expected}, which was pushed before`;
  }
  const lease = `--force-with-lease=${ref}:${to.expected ?? ''}`;
  const spec = checked('refspec', `${to.head}:${ref}`);
  const answer = await mirror.git.ask(['push', '--porcelain', lease, '--end-of-options', to.remote, spec]);
  if (answer.exitCode === 0) return 'pushed';
  const refusal = pushErrorOf(answer, { remote: to.remote, what: `push ${to.branch}` });
  if (refusal) throw refusal;
  return rejection(answer) ?? unreachable(answer, to);
}

/** Why the remote did not take the ref; null: it never got that far. */
export function rejection(answer: GitAnswer): string | null {
  const line = answer.stdout.split('\n').find((each) => each.startsWith('!'));
  return line ? `${line.split('\t').slice(1).join(' ')} ${answer.stderr.trim()}`.trim() : null;
}

/** Always throws. Nothing was decided, so the same call may work later, unless the server refuses us. */
export function unreachable(answer: GitAnswer, to: { readonly remote: string; readonly branch: string }): never {
  const refusal = gitErrorOf(answer, { remote: to.remote, what: `push ${to.branch}` });
  if (refusal) throw refusal;
  throw new GitFailure('remote-unreachable', `git cannot push ${to.branch} to ${to.remote}: ${gitWords(answer)}`);
}

async function tipAt(mirror: Mirror, at: { remote: string; branch: string }): Promise<string | null> {
  const ref = `refs/heads/${at.branch}`;
  const answer = await mirror.git.ask(['ls-remote', '--refs', '--end-of-options', at.remote, ref]);
  if (answer.exitCode !== 0) return unreachable(answer, at);
  const line = answer.stdout.split('\n').find((each) => each.endsWith(`\t${ref}`));
  return line?.slice(0, 40) ?? null;
}

/** Whether a commit is from an earlier attempt at this issue and part of what is pushed now. */
async function isOurs(mirror: Mirror, input: PushInput, sha: string): Promise<boolean> {
  if (!(await mirror.isAncestor(sha, input.head))) return false;
  const folder = input.ref.slice(0, input.ref.lastIndexOf('/') + 1);
  const refs = await mirror.git.run(['for-each-ref', `--contains=${checked('sha', sha)}`, '--count=1', folder]);
  return refs !== '';
}
