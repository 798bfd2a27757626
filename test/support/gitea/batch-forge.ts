import type { BatchForge, SeenPull, SeenReview } from '../forge/forge-batch.ts';
import { git } from '../git/user-repository.ts';
import type { GiteaServer } from './server.ts';

/** Red while broken.txt says so, with a log that tells why. */
const workflow = `name: ci
on: [push]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: |
          git clone -q "http://x:\${{ github.token }}@\${GITHUB_SERVER_URL#http://}/$GITHUB_REPOSITORY" .
          git checkout -q "$GITHUB_SHA"
          echo "broken.txt says $(cat broken.txt)"
          ! grep -q red broken.txt
`;

interface GiteaPull {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly state: string;
  readonly merged: boolean;
  readonly head: { readonly label: string; readonly sha: string };
}

interface GiteaReview {
  readonly id: number;
  readonly state: string;
  readonly body: string;
  readonly user: { readonly id: number };
}

interface GiteaComment {
  readonly body: string;
  readonly user: { readonly id: number };
}

const events = { APPROVED: 'approve', REQUEST_CHANGES: 'request-changes', COMMENT: 'comment' } as const;

/** A repository of alice's with Actions, on which bob, who may write, is us. */
export async function openBatchForge(server: GiteaServer): Promise<BatchForge> {
  if (!(await server.startRunner())) throw new Error('no Actions runner is to be had for this Gitea');
  const repository = await server.createRepository({ owner: 'alice' });
  await repository.collaborator('bob', 'write');
  const { path, cloneUrl } = repository;
  const { alice, bob } = server.accounts;
  const stranger = await newStranger(server);
  const ask = <T>(request: string, body?: unknown) => server.ask<T>('alice', request, body);

  return {
    kind: 'gitea',
    url: server.url,
    repo: `${repository.owner}/${repository.name}`,
    remote: cloneUrl,
    credential: { name: 'MILLRACE_GITEA_TOKEN', token: bob.token },
    ciFiles: { '.gitea/workflows/ci.yaml': workflow },
    async push(folder) {
      await git(folder, 'push', '--quiet', '--force', withToken(cloneUrl, alice.token), 'HEAD:refs/heads/main');
    },
    async file({ title, body, labels = [], by = 'owner', closed = false }) {
      const request = `POST ${path}/issues`;
      const made =
        by === 'stranger'
          ? await server.ask<{ number: number }>('admin', `${request}?sudo=${stranger}`, { title, body })
          : { number: await repository.issue({ title, body, labels, as: 'alice' }) };
      if (closed) await ask(`PATCH ${path}/issues/${made.number}`, { state: 'closed' });
      return made.number;
    },
    async openPull(issue) {
      const branch = `by-hand-${issue}`;
      await repository.remote.commit(branch, 'by hand', { [`by-hand-${issue}.txt`]: 'x\n' });
      const draft = { title: 'By hand', head: branch, base: 'main', body: `Closes #${issue}` };
      return (await ask<{ number: number }>(`POST ${path}/pulls`, draft)).number;
    },
    async pulls() {
      const pulls = await ask<GiteaPull[]>(`GET ${path}/pulls?state=all&limit=50`);
      return pulls.map(seen);
    },
    async ownComments(issue) {
      const comments = await ask<GiteaComment[]>(`GET ${path}/issues/${issue}/comments`);
      return comments.flatMap(({ user, body }) => (user.id === bob.id ? [body] : []));
    },
    async labels(issue) {
      const labels = await ask<{ name: string }[]>(`GET ${path}/issues/${issue}/labels`);
      return labels.map(({ name }) => name);
    },
    isOpen: async (issue) => (await ask<{ state: string }>(`GET ${path}/issues/${issue}`)).state === 'open',
    async reviews(pull) {
      const reviews = await ask<GiteaReview[]>(`GET ${path}/pulls/${pull}/reviews`);
      return Promise.all(
        reviews.flatMap((review) =>
          review.user.id === bob.id ? [seenReview(ask, `${path}/pulls/${pull}`, review)] : [],
        ),
      );
    },
    async status(sha, context) {
      const statuses = await ask<{ context: string; status: string }[]>(`GET ${path}/commits/${sha}/statuses?limit=50`);
      return statuses.find((each) => each.context === context)?.status ?? null;
    },
    writes: () => null,
    dispose: () => repository.dispose(),
  };
}

/** An account that may read the repository and no more. */
async function newStranger(server: GiteaServer): Promise<string> {
  const username = `stranger-${Math.random().toString(36).slice(2, 10)}`;
  const account = { username, email: `${username}@example.invalid`, password: `pw-${username}-12345` };
  await server.ask('admin', 'POST /admin/users', { ...account, must_change_password: false });
  return username;
}

function withToken(url: string, token: string): string {
  return url.replace('://', `://x:${token}@`);
}

function seen({ number, title, body, state, merged, head }: GiteaPull): SeenPull {
  const now = merged ? 'merged' : state === 'open' ? 'open' : 'closed';
  return { number, title, body, state: now, branch: head.label.replace(/^.*:/, ''), head: head.sha };
}

async function seenReview(
  ask: <T>(request: string) => Promise<T>,
  pull: string,
  { id, state, body }: GiteaReview,
): Promise<SeenReview> {
  const comments = await ask<{ body: string }[]>(`GET ${pull}/reviews/${id}/comments`);
  const event = events[state as keyof typeof events];
  if (!event) throw new Error(`a review of ours is ${state}`);
  // A reply joins the review of the comment that it answers.
  const inline = comments.filter((comment) => /millrace-key: finding\/[0-9a-f]+ -->/.test(comment.body)).length;
  return { event, body, inline };
}
