import { ForgeError } from '../../failure/forge-error.ts';
import type { Thread, ThreadAnswer } from '../pull.ts';
import { keyIn, marked, type Key } from '../key.ts';
import { unless } from '../http/unless.ts';
import { reviewCommentsAnswer, reviewsAnswer } from './answers.ts';
import { numberSegment } from './client.ts';
import { createdOrFound, type GiteaContext } from './context.ts';

/** Threads that our reviews began; an answer belongs to the same review, and is recognised by its key. */
export async function ourThreads(gitea: GiteaContext, pull: number): Promise<readonly Thread[]> {
  const comments = await ourComments(gitea, pull);
  return comments.flatMap(({ id, body, resolver }) => {
    const key = keyIn(body);
    return key === null || key.startsWith('in/') ? [] : [{ id: String(id), key, resolved: Boolean(resolver) }];
  });
}

/** Answers each thread once per key and resolves it, by the routes that this server has. */
export async function answerThreads(
  gitea: GiteaContext,
  pull: number,
  answers: readonly ThreadAnswer[],
): Promise<void> {
  await gitea.alone(`threads of ${pull}`, async () => {
    const said = await ourKeys(gitea, pull);
    for (const { key, thread, body } of answers) {
      const mark = `in/${threadId(thread.id)}/${key}`;
      if (!said.has(mark)) await reply(gitea, { pull, thread: thread.id, mark, body }).catch(unless('unsupported'));
      if (!thread.resolved) await resolve(gitea, thread.id).catch(unless('unsupported'));
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
async function reply(gitea: GiteaContext, { pull, thread, mark, body }: Reply): Promise<void> {
  const { client } = gitea;
  const path = `${client.repository}/pulls/${numberSegment(pull)}/comments/${threadId(thread)}/replies`;
  await createdOrFound(
    () => client.post(path, { body: marked(mark, body) }),
    async () => ((await ourKeys(gitea, pull)).has(mark) ? mark : null),
  );
}

/** @throws ForgeError `unsupported`: Gitea before 1.26 has no such route, and Forgejo keeps its for browsers. */
async function resolve(gitea: GiteaContext, thread: string): Promise<void> {
  await gitea.client.post(`${gitea.client.repository}/pulls/comments/${threadId(thread)}/resolve`, undefined, 'write');
}

async function ourKeys(gitea: GiteaContext, pull: number): Promise<ReadonlySet<Key | null>> {
  return new Set((await ourComments(gitea, pull)).map(({ body }) => keyIn(body)));
}

async function ourComments(gitea: GiteaContext, pull: number) {
  const { client } = gitea;
  const me = await gitea.me();
  const path = `${client.repository}/pulls/${numberSegment(pull)}/reviews`;
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
