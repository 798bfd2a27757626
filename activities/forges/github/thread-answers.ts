import type { ThreadAnswer } from '../pull.ts';
import { marked } from '../key.ts';
import { ourKey } from '../http/marker.ts';
import { unless } from '../http/unless.ts';
import { inOrder } from '../../host/in-order.ts';
import { settlement } from './api/documents.ts';
import type { GithubContext } from './context.ts';
import * as schema from './api/schema.ts';
import { partsOf } from './threads.ts';

/** Threads per request: GitHub ends a request after ten seconds, and each thread takes two changes. */
const TOGETHER = 10;

interface Settling {
  readonly pull: number;
  readonly answers: readonly ThreadAnswer[];
}

/** Answers each thread once per key and resolves it, as far as this kind of token may. */
export async function answerThreads(github: GithubContext, { pull, answers }: Settling): Promise<void> {
  await inOrder(`${github.client.name} threads of #${pull}`, async () => {
    for (let first = 0; first < answers.length; first += TOGETHER)
      await settleTogether(github, { pull, answers: answers.slice(first, first + TOGETHER) });
  });
}

async function settleTogether(github: GithubContext, { pull, answers }: Settling): Promise<void> {
  const { client } = github;
  const unsaid = await unsaidOf(github, { pull, answers });
  const changes = answers.map((answer) => ({
    thread: partsOf(answer.thread.id).node,
    reply: unsaid.has(answer) ? marked(answer.key, answer.body) : null,
    resolve: !answer.thread.resolved,
  }));
  const left = changes.filter(({ reply, resolve }) => resolve || reply !== null);
  if (left.length === 0) return;
  const query = { name: `resolveReviewThread of #${pull}`, ...settlement(left) };
  if (await client.graphql(schema.anything, query).catch(unless('forbidden'))) return;
  // A token that may not change threads may still answer them.
  for (const { key, thread, body } of await unsaidOf(github, { pull, answers })) {
    const reply = { ...client.at, pull_number: pull, comment_id: partsOf(thread.id).comment, body: marked(key, body) };
    await client.ask(schema.reviewComment, (rest) => rest.pulls.createReplyForReviewComment(reply));
  }
}

/** The answers that are still missing. */
async function unsaidOf(
  { client, me }: GithubContext,
  { pull, answers }: Settling,
): Promise<ReadonlySet<ThreadAnswer>> {
  const account = await me();
  const at = { ...client.at, pull_number: pull };
  const comments = await client.all(schema.reviewComment, (rest, page) =>
    rest.pulls.listReviewComments({ ...at, ...page }),
  );
  const said = new Set(
    comments.map(({ in_reply_to_id: root, user, body }) => `${root} ${ourKey({ author: user, body }, account)}`),
  );
  return new Set(answers.filter(({ thread, key }) => !said.has(`${partsOf(thread.id).comment} ${key}`)));
}
