import { ForgeError } from '../error.ts';
import type { Reply, Thread } from '../forge.ts';
import { keyIn, marked, type Key } from '../key.ts';
import { reviewCommentsAnswer, reviewsAnswer } from './answers.ts';
import { numbered } from './client.ts';
import { createdOrFound, type Desk } from './desk.ts';

/** Threads that our reviews began; an answer joins the review of what it answers, and is told apart by its key. */
export async function ourThreads(desk: Desk, pull: number): Promise<readonly Thread[]> {
  const comments = await ourComments(desk, pull);
  return comments.flatMap(({ id, body, resolver }) => {
    const key = keyIn(body);
    return key === null || key.startsWith('in/') ? [] : [{ id: String(id), key, resolved: Boolean(resolver) }];
  });
}

export async function replyOnce(desk: Desk, key: Key, to: { readonly pull: number } & Reply): Promise<void> {
  const { client } = desk;
  const { pull, thread } = to;
  const mark = `in/${threadId(thread)}/${key}`;
  const body = marked(mark, to.body);
  const path = `${client.repository}/pulls/${numbered(pull)}/comments/${threadId(thread)}/replies`;
  await desk.alone(`${pull} ${mark}`, async () => {
    const look = async () => (await ourComments(desk, pull)).find((comment) => keyIn(comment.body) === mark) ?? null;
    if (!(await look())) await createdOrFound(() => client.post(path, { body }), look);
  });
}

/** `unsupported`: Gitea before 1.26 has no such route, and Forgejo keeps its for browsers. */
export async function resolveThread(desk: Desk, thread: string): Promise<'resolved' | 'unsupported'> {
  const path = `${desk.client.repository}/pulls/comments/${threadId(thread)}/resolve`;
  try {
    await desk.client.post(path, undefined, 'write');
    return 'resolved';
  } catch (error) {
    if (error instanceof ForgeError && error.kind === 'unsupported') return 'unsupported';
    throw error;
  }
}

async function ourComments(desk: Desk, pull: number) {
  const { client } = desk;
  const me = await desk.me();
  const path = `${client.repository}/pulls/${numbered(pull)}/reviews`;
  const reviews = (await client.list(path, reviewsAnswer)).filter(({ user, state, comments_count }) => {
    return user.id === me.id && state !== 'PENDING' && comments_count !== 0;
  });
  const comments = [];
  for (const { id } of reviews) comments.push(...(await client.get(`${path}/${id}/comments`, reviewCommentsAnswer)));
  return comments.filter(({ user }) => user.id === me.id).toSorted((a, b) => a.id - b.id);
}

function threadId(thread: string): string {
  if (/^[1-9]\d{0,15}$/.test(thread)) return thread;
  throw new ForgeError('not-found', `there is no thread ${JSON.stringify(thread.slice(0, 20))}`);
}
