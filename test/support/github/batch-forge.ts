import type { BatchForge, SeenReview } from '../forge/forge-batch.ts';
import { git } from '../git/user-repository.ts';
import { createFakeGithub, type FakeGithub } from './fake-github.ts';
import type { Ci } from './world.ts';

const us = 'millrace-bot';

/** Red while broken.txt says so, with a log that tells why. */
const ci: Ci = async ({ read }) => {
  const text = (await read('broken.txt')) ?? '';
  const isRed = text.includes('red');
  return [{ name: 'test', conclusion: isRed ? 'failure' : 'success', log: `broken.txt says ${text}` }];
};

const events = { APPROVED: 'approve', CHANGES_REQUESTED: 'request-changes', COMMENTED: 'comment' } as const;

/** A fake GitHub with a maintainer, a bot that is us, and a stranger. */
export async function openBatchForge(): Promise<BatchForge & { readonly fake: FakeGithub }> {
  const fake = await createFakeGithub({ onPush: ci });
  return {
    fake,
    kind: 'github',
    url: fake.url,
    repo: fake.repo,
    remote: fake.remoteUrl,
    credential: { name: 'MILLRACE_GITHUB_TOKEN', token: fake.token(us) },
    ciFiles: { '.github/workflows/ci.yml': 'on: [push]\n' },
    async push(folder) {
      const url = fake.remoteUrl.replace('://', `://x:${fake.token('maintainer')}@`);
      await git(folder, 'push', '--quiet', '--force', url, 'HEAD:refs/heads/main');
    },
    file: async ({ title, body, labels = [], by = 'owner', closed = false }) =>
      fake.seedIssue({
        title,
        body,
        labels,
        author: by === 'owner' ? 'maintainer' : 'stranger',
        labelledBy: 'maintainer',
        state: closed ? 'closed' : 'open',
      }),
    async openPull(issue) {
      const branch = `by-hand-${issue}`;
      await fake.commit(branch, { [`by-hand-${issue}.txt`]: 'x\n' });
      const answer = await fetch(`${fake.apiUrl}/repos/${fake.repo}/pulls`, {
        method: 'POST',
        headers: { authorization: `token ${fake.token('reviewer')}`, 'content-type': 'application/json' },
        body: JSON.stringify({ title: 'By hand', head: branch, base: 'main', body: `Closes #${issue}` }),
      });
      if (answer.status !== 201) throw new Error(`no pull request by hand: ${answer.status} ${await answer.text()}`);
      return ((await answer.json()) as { number: number }).number;
    },
    pulls: () => fake.pulls(),
    ownComments: async (issue) => fake.comments(issue).flatMap(({ author, body }) => (author === us ? [body] : [])),
    labels: async (issue) => fake.labels(issue),
    isOpen: async (issue) => fake.issue(issue).state === 'open',
    async reviews(pull) {
      const inline = fake.inline(pull).filter(({ replyTo }) => replyTo === null);
      const own = fake.reviews(pull).filter(({ author }) => author.login === us);
      return own.flatMap(({ id, state, body }): readonly SeenReview[] => {
        // A reply is a review without words of its own to GitHub.
        if (body === '') return [];
        if (state === 'PENDING') throw new Error(`review ${id} of ours was never submitted`);
        return [{ event: events[state], body, inline: inline.filter(({ review }) => review === id).length }];
      });
    },
    status: async (sha, context) => fake.statuses(sha).findLast((each) => each.context === context)?.state ?? null,
    writes(issue, pull) {
      const about = new RegExp(`/(?:issues/${issue}|pulls/${pull}|issues/${pull})(?:/|$)`);
      const own = fake.requests.filter(({ account, isWrite, status }) => account === us && isWrite && status !== null);
      const counted = own.filter(({ path }) => about.test(path)).length;
      // Opening the pull request, and the status of its one head, do not name it.
      return counted + 2;
    },
    dispose: () => fake.dispose(),
  };
}
