import { join } from 'node:path';
import { attemptRef } from '../../workflows/ids.ts';
import { ensureBare } from './bare.ts';
import { accessTo } from './access.ts';
import { gitErrorOf } from './refusal.ts';
import { createGit, type Git } from './git.ts';
import { GitError, GitFailure, gitWords, type GitAnswer } from '../failure/git-error.ts';
import { forgetHistory, isAncestor, isKnownHere, noteHere, resolveCommit } from './history.ts';
import { kindAt, namesIn } from '../host/plain-file.ts';
import { inOrder, shared } from '../host/in-order.ts';
import { checked, headRef, isSha } from './names.ts';
import type { Repository } from '../repository/repository.ts';

/** The trusted bare repository of one remote: what it fetched, and every commit that an attempt made. */
export interface Mirror {
  readonly git: Git;
  /** Newest sha of a branch of the remote, fetched after the call. @throws GitFailure when the branch or the remote is missing. */
  fetchBase(branch?: string): Promise<string>;
  /** Whether the commit is here now, fetched by its sha if need be. False: the remote does not have it either. @throws as `fetchBase`. */
  fetchCommit(sha: string): Promise<boolean>;
  /** Sha that a ref of ours or a sha names as a commit; null: not here. */
  resolve(name: string): Promise<string | null>;
  /** Whether `descendant` contains `ancestor`; also false when either is missing here. */
  isAncestor(ancestor: string, descendant: string): Promise<boolean>;
  /** Newest commit that both contain; null: none, or one of them is not here. */
  mergeBase(a: string, b: string): Promise<string | null>;
  /** Puts a ref on a base in use, so that git never collects the objects that worktrees borrow. */
  keep(sha: string): Promise<void>;
  /** Fetches one commit that an agent made, checked by fsck, without moving a ref. @throws GitFailure */
  importCommit(sha: string): Promise<void>;
  /** Number of the last attempt with a private ref; 0: none. */
  lastAttempt(key: string): Promise<number>;
}

/** Where the remote's branches are kept. */
export function trackingRef(branch: string): string {
  return headRef(branch).replace('refs/heads/', 'refs/remotes/origin/');
}

/** Flags of every fetch: only the refs named after them move, and nothing else is brought along. */
export const fetchFlags: readonly string[] = [
  '--quiet',
  '--no-tags',
  '--no-write-fetch-head',
  '--no-recurse-submodules',
  '--end-of-options',
];

/** Only for what agents made: old histories of honest remotes often fail it. */
const fsck = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'fetch.fsckObjects', GIT_CONFIG_VALUE_0: 'true' };

const config = '[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n[gc]\n\tauto = 0\n';

/** Opens `mirror.git`, making it first if need be; safe in parallel and after a kill. */
export async function openMirror(repository: Repository): Promise<Mirror> {
  const { layout } = repository;
  const { remote, base } = repository.settings.repository;
  const files = { HEAD: 'ref: refs/heads/main\n', config };
  const made = await ensureBare({ dir: layout.mirror, trash: layout.trash, files });
  if (made) forgetHistory(layout.mirror);
  const git = createGit(layout.mirror, accessTo(repository));
  const resolve = (name: string) => resolveCommit(git, name);
  const keep = async (sha: string) => {
    const ref = `refs/millrace/base/${checked('sha', sha)}`;
    if ((await resolve(ref)) === null) await git.run(['update-ref', ref, sha]);
  };
  return {
    git,
    resolve,
    keep,
    fetchBase: (branch = base) =>
      shared(`fetch ${layout.mirror} ${branch}`, () =>
        inOrder(`fetch ${layout.mirror}`, async () => {
          const sha = await fetchBranch(git, { remote, branch });
          await keep(sha);
          return sha;
        }),
      ),
    async fetchCommit(sha) {
      if ((await resolve(checked('sha', sha))) !== null) return true;
      const answer = await git.ask(['fetch', ...fetchFlags, remote, sha]);
      if (answer.exitCode === 0) return (await resolve(sha)) !== null;
      if (/not our ref|unadvertised object/.test(answer.stderr)) return false;
      throw unfetched(answer, { remote, what: `commit ${sha.slice(0, 12)}` });
    },
    isAncestor: (ancestor, descendant) => isAncestor(git, ancestor, descendant),
    async mergeBase(a, b) {
      const answer = await git.ask(['merge-base', '--end-of-options', checked('sha', a), checked('sha', b)]);
      return answer.exitCode === 0 ? answer.stdout.slice(0, 40) : null;
    },
    async importCommit(sha) {
      if (isKnownHere(git, sha)) return;
      const answer = await git.ask(['fetch', ...fetchFlags, layout.agents, checked('sha', sha)], { env: fsck });
      if (answer.exitCode === 0) return noteHere(git, sha);
      throw new GitFailure(
        'work-refused',
        `git does not accept commit ${sha} from ${layout.agents}: ${gitWords(answer)}`,
      );
    },
    async lastAttempt(key) {
      const folder = attemptRef(checked('key', key), 0).replace(/0$/, '');
      const names = await refsBelow(git, folder);
      return Math.max(0, ...[...names.matchAll(/\/([0-9]{1,9})(?:-[0-9a-f]{12})?$/gm)].map(([, n]) => Number(n)));
    },
  };
}

async function fetchBranch(git: Git, from: { remote: string; branch: string }): Promise<string> {
  const ref = trackingRef(from.branch);
  const args = ['fetch', ...fetchFlags, from.remote, `+${headRef(from.branch)}:${ref}`];
  const answer = await git.ask(args);
  if (answer.exitCode !== 0) {
    const words = gitWords(answer);
    if (words.includes("couldn't find remote ref")) {
      const mend = 'create it there, or name another one as repository.base in millrace.yaml';
      throw new GitFailure('base-missing', `${from.remote} has no branch ${from.branch}: ${mend}`);
    }
    throw unfetched(answer, { remote: from.remote, what: from.branch });
  }
  const sha = (await resolveCommit(git, ref)) ?? 'nothing';
  if (!isSha(sha)) throw new GitError(args, git.dir, { ...answer, stderr: `${ref} is ${sha}, not a SHA-1 commit` });
  return sha;
}

function unfetched(answer: GitAnswer, { remote, what }: { readonly remote: string; readonly what: string }): Error {
  const refusal = gitErrorOf(answer, { remote, what: `fetch ${what}` });
  return (
    refusal ?? new GitFailure('remote-unreachable', `git cannot fetch ${what} from ${remote}: ${gitWords(answer)}`)
  );
}

/** Names of the refs in a folder, one per line. Nothing of ours packs refs, so reading the folder nearly always suffices. */
async function refsBelow(git: Git, folder: string): Promise<string> {
  if ((await kindAt(join(git.dir, 'packed-refs'))) !== 'nothing')
    return git.run(['for-each-ref', '--format=%(refname)', folder]);
  const names = await namesIn(join(git.dir, folder));
  return names.map((name) => `${folder}${name}`).join('\n');
}
