import type { RemoteReader } from '../git/remote.ts';
import { ForgeError } from '../failure/forge-error.ts';
import type { PullDraft } from './pull.ts';

/**
 * Checks that there is something to open a pull request for. Git is asked, since it is exact at once and says what is missing:
 * APIs list a push with a delay, and Gitea opens a pull request without a commit, which then never merges.
 * @throws ForgeError `invalid` without such a branch, `no-commits` when the base has all of it.
 */
export async function mustHaveWork(remote: RemoteReader, { branch, base, head }: PullDraft): Promise<void> {
  const tips = await remote.tips([branch, base]);
  const tip = tips.get(base);
  const absent = tip === undefined ? base : branch;
  if (tip === undefined || !tips.has(branch))
    throw new ForgeError('invalid', `${absent} is not on the remote: push it first`);
  if ((await remote.contained(tip, [head])).has(head))
    throw new ForgeError('no-commits', `${base} has all of ${branch}`);
}

/** Checks for a full commit id. @throws ForgeError `invalid`: a short id or a branch name can change its meaning. */
export function fullSha(sha: string): string {
  if (/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(sha)) return sha;
  throw new ForgeError('invalid', `not a full commit id: ${JSON.stringify(sha.slice(0, 80))}`);
}
