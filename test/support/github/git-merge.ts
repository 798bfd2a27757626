import type { MergeOrder } from './merging.ts';
import type { PullIssue } from './pull.ts';
import type { AccountRecord } from './state.ts';
import type { World } from './world.ts';

type Order = MergeOrder & { readonly base: string };

/** Makes the commit that the base is to move to, by GitHub's three methods; null: it conflicts. */
export async function commitMerge(world: World, issue: PullIssue, order: Order): Promise<string | null> {
  if (order.method === 'rebase') return rebase(world, issue, order);
  const { head } = issue.pull;
  const tree = await world.objects.mergedTree(order.base, head);
  if (tree === null) return null;
  const isSquash = order.method === 'squash';
  const title =
    order.title ??
    (isSquash
      ? `${issue.title} (#${issue.number})`
      : `Merge pull request #${issue.number} from ${world.owner}/${issue.pull.branch}`);
  const message = order.message ?? (isSquash ? '' : issue.title);
  const parents = isSquash ? [order.base] : [order.base, head];
  return commitTree(world, { tree, parents, message: `${title}\n\n${message}`.trim(), by: order.by });
}

interface NewCommit {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  readonly by: AccountRecord;
}

function commitTree(world: World, { tree, parents, message, by }: NewCommit): Promise<string> {
  const email = `${by.id}+${by.login}@users.noreply.github.invalid`;
  const env = {
    GIT_AUTHOR_NAME: by.login,
    GIT_AUTHOR_EMAIL: email,
    GIT_COMMITTER_NAME: 'GitHub',
    GIT_COMMITTER_EMAIL: 'noreply@github.invalid',
  };
  const args = ['commit-tree', '-F', '-', ...parents.flatMap((each) => ['-p', each]), tree];
  return world.remote.git.run(args, { env, input: message });
}

/**
 * One commit after the other onto the base. `merge-tree --merge-base` needs git 2.40: a throw-away commit with the new
 * tip's tree and the commit's own parent makes git find that merge base by itself.
 */
async function rebase(world: World, issue: PullIssue, { base, by }: Order): Promise<string | null> {
  const { git } = world.remote;
  const listed = await git.run(['rev-list', '--reverse', '--no-merges', `${base}..${issue.pull.head}`]);
  let tip = base;
  for (const sha of listed.split('\n').filter((each) => each !== '')) {
    const parent = await git.run(['rev-parse', `${sha}^`]);
    const mine = await commitTree(world, { tree: `${tip}^{tree}`, parents: [parent], message: 'moved', by });
    const tree = await world.objects.mergedTree(mine, sha);
    if (tree === null) return null;
    const message = await git.run(['log', '-1', '--format=%B', sha]);
    tip = await commitTree(world, { tree, parents: [tip], message, by });
  }
  return tip;
}
