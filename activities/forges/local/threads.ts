import type { PullRecord, ThreadRecord } from './schema.ts';
import type { PullStore } from './pulls.ts';
import { ForgeError } from '../../failure/forge-error.ts';
import type { Forge } from '../forge.ts';
import type { InlineComment } from '../pull.ts';
import { marked } from '../key.ts';

/** Review threads, kept in the record of their pull request. */
export function createThreads(store: PullStore): Pick<Forge, 'threads' | 'answerThreads'> {
  return {
    async threads(pull) {
      const { threads = [] } = await store.read(pull);
      return threads.map(({ key, resolved }, index) => ({ id: String(index), key, resolved }));
    },

    async answerThreads(pull, answers) {
      await store.update(pull, (record) =>
        answers.reduce((known, { key, thread, body }) => {
          const said = { key, body: marked(key, body) };
          return withThread(known, thread.id, ({ replies, ...rest }) => ({
            ...rest,
            replies: replies.some((reply) => reply.key === key) ? replies : [...replies, said],
            resolved: true,
          }));
        }, record),
      );
    },
  };
}

/** A thread as a review begins it. */
export function begun({ key, path, line, body }: InlineComment): ThreadRecord {
  return { key, path, line, body: marked(key, body), replies: [], resolved: false };
}

function withThread(pull: PullRecord, id: string, change: (thread: ThreadRecord) => ThreadRecord): PullRecord {
  const threads = pull.threads ?? [];
  const index = threads.findIndex((_, at) => String(at) === id);
  if (index < 0) throw new ForgeError('not-found', `#${pull.number} has no thread ${id.slice(0, 20)}`);
  return { ...pull, threads: threads.with(index, change(threads[index]!)) };
}
