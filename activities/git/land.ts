import type { LandResult } from '../../workflows/domain/forge/delivery.ts';
import { shellWord } from '../../workflows/domain/host/shell.ts';
import { commitTree } from './commit.ts';
import { GitFailure } from '../failure/git-error.ts';
import { mergeTree } from './merge-tree.ts';
import { openMirror, trackingRef, type Mirror } from './mirror.ts';
import { rejection, unreachable } from './push.ts';
import { inOrder } from '../host/in-order.ts';
import { checked, headRef } from './names.ts';
import type { Repository } from '../repository/repository.ts';

/** How often a landing starts over because somebody else moved the base meanwhile. */
const TRIES = 5;

/** Work that git itself puts onto a base. */
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
 * Merges a sha into the newest base with a merge commit and pushes that; a sha that the base contains has landed already.
 * @throws GitFailure `base-missing`, `remote-unreachable`, or `push-rejected` when the base kept moving.
 */
export async function landDirect(repository: Repository, landing: DirectLanding): Promise<DirectResult> {
  const mirror = await openMirror(repository);
  const { remote } = repository.settings.repository;
  return inOrder(`land ${repository.layout.root}`, async () => {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const tip = await mirror.fetchBase(landing.base);
      if (await mirror.isAncestor(landing.head, tip)) return { kind: 'landed', sha: tip };
      const merged = await mergeTree(mirror.git, tip, landing.head);
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
 * If the remote is a repository on this disk with the base checked out, both move together, or neither does.
 * The working tree is its owner's, so git updates it with the owner's configuration, which has the LFS filters.
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
