import { ForgeError } from '../../failure/forge-error.ts';
import type { Thread, ThreadAnswer } from '../pull.ts';
import { keyIn, marked, type Key } from '../key.ts';
import { unless } from '../http/unless.ts';
import { reviewCommentsAnswer, reviewsAnswer } from './answers.ts';
import { numbered } from './client.ts';
import { createdOrFound, type Desk } from './context.ts';

/** Threads that our reviews began; an answer joins the review of what it answers, and is told apart by its key. */
export async function ourThreads(desk: Desk, pull: number): Promise<readonly Thread[]> {
  const comments = await ourComments(desk, pull);
  return comments.flatMap(({ id, body, resolver }) => {
    const key = keyIn(body);
    return key === null || key.startsWith('in/') ? [] : [{ id: String(id), key, resolved: Boolean(resolver) }];
  });
}

/** Answers threads, each once a key, and resolves them, by the routes that this server has. */
export async function settleThreads(desk: Desk, pull: number, answers: readonly ThreadAnswer[]): Promise<void> {
  await desk.alone(`threads of ${pull}`, async () => {
    const said = await ourKeys(desk, pull);
    for (const { key, thread, body } of answers) {
      const mark = `in/${threadId(thread.id)}/${key}`;
      if (!said.has(mark)) await reply(desk, { pull, thread: thread.id, mark, body }).catch(unless('unsupported'));
      if (!thread.resolved) await resolve(desk, thread.id).catch(unless('unsupported'));
    }
  });
}

interface Reply {
  readonly pull: number;
  readonly thread: string;
  readonly mark: Key;
  readonly body: string;
}

/** @throws ForgeError `unsupported`: Gitea before 1.27 has no such route, nor has Forgejo. */
async function reply(desk: Desk, { pull, thread, mark, body }: Reply): Promise<void> {
  const { client } = desk;
  const path = `${client.repository}/pulls/${numbered(pull)}/comments/${threadId(thread)}/replies`;
  await createdOrFound(
    () => client.post(path, { body: marked(mark, body) }),
    async () => ((await ourKeys(desk, pull)).has(mark) ? mark : null),
  );
}

/** @throws ForgeError `unsupported`: Gitea before 1.26 has no such route, and Forgejo keeps its for browsers. */
async function resolve(desk: Desk, thread: string): Promise<void> {
  await desk.client.post(`${desk.client.repository}/pulls/comments/${threadId(thread)}/resolve`, undefined, 'write');
}

async function ourKeys(desk: Desk, pull: number): Promise<ReadonlySet<Key | null>> {
  return new Set((await ourComments(desk, pull)).map(({ body }) => keyIn(body)));
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
