import { createBareRemote } from '../git/bare-remote.ts';
import type { StageRemote } from '../forge/forge-behaviour/stage.ts';

/** A bare clone of a repository on a server: commits are made here and pushed at once. */
export interface LiveRemote extends StageRemote {
  /** Deletes the branches that were pushed, and takes back the files that came to `main`, by one more commit. */
  restore(): Promise<void>;
  dispose(): Promise<void>;
}

/** @throws GitError where the server has no branch `main`, or does not take the token. */
export async function createLiveRemote(at: { readonly url: string; readonly token: string }): Promise<LiveRemote> {
  const bare = await createBareRemote();
  const { git } = bare;
  const basic = Buffer.from(`x-access-token:${at.token}`).toString('base64');
  // Not an argument: those are seen by everybody on the machine.
  const env = {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'http.extraHeader',
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${basic}`,
    GIT_TERMINAL_PROMPT: '0',
  };
  const sync = () => git.run(['fetch', '--quiet', '--prune', at.url, '+refs/heads/*:refs/heads/*'], { env });
  const push = (from: string, branch: string) =>
    git.run(['push', '--quiet', '--force', at.url, `${from}:refs/heads/${branch}`], { env });
  await sync();
  const start = await bare.tip('main');
  const pushed = new Set<string>();
  const tip = async (branch: string) => {
    await sync();
    return bare.tip(branch);
  };
  return {
    tip,
    async commit(branch, message, files) {
      await sync();
      const sha = await bare.commit(branch, message, files);
      pushed.add(branch);
      await git.run(['push', '--quiet', at.url, `${sha}:refs/heads/${branch}`], { env });
      return sha;
    },
    async point(branch, sha) {
      await sync();
      pushed.add(branch);
      await push(sha, branch);
    },
    async merge(branch) {
      await sync();
      const sha = await bare.merge(branch);
      await git.run(['push', '--quiet', at.url, `${sha}:refs/heads/main`], { env });
      return sha;
    },
    async restore() {
      await sync();
      const there = new Set(
        (await git.run(['for-each-ref', '--format=%(refname:lstrip=2)', 'refs/heads'])).split('\n'),
      );
      for (const branch of pushed) {
        if (branch !== 'main' && there.has(branch)) await push('', branch);
      }
      const now = await bare.tip('main');
      const [before, after] = await Promise.all([start, now].map((sha) => git.run(['rev-parse', `${sha}^{tree}`])));
      if (before === undefined || before === after) return;
      const back = await git.run(['commit-tree', '-m', 'the smoke suite is over', '-p', now, before]);
      await git.run(['push', '--quiet', at.url, `${back}:refs/heads/main`], { env });
    },
    dispose: () => bare.dispose(),
  };
}
