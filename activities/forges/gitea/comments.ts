import type { CreateIssueCommentOption, EditIssueCommentOption } from 'gitea-js';
import type { Comment, Ensured } from '../forge.ts';
import { keyIn, marked, type Key } from '../key.ts';
import { sameText } from '../http/marker.ts';
import { commentsAnswer } from './answers.ts';
import { numbered } from './client.ts';
import { createdOrFound, doneAnyway, type Desk } from './context.ts';

/** The one comment of ours with that key: written, or edited in place; further ones of the same key go away. */
export async function ensureCommentOn(desk: Desk, key: Key, on: Commented): Promise<Ensured<Comment>> {
  const { client } = desk;
  const body = marked(key, on.body);
  const path = `${client.repository}/issues/${numbered(on.number)}/comments`;
  const look = async () => settledComment(desk, key, on.number);
  return desk.alone(`${on.number} ${key}`, async () => {
    const found = await look();
    const create = () => client.post(path, { body } satisfies CreateIssueCommentOption);
    const made = found ? null : await createdOrFound(create, look);
    const comment = found ?? made!.value;
    if (!sameText(comment.body, body)) {
      const option = { body } satisfies EditIssueCommentOption;
      const edit = () => client.patch(`${client.repository}/issues/comments/${comment.id}`, option);
      await doneAnyway(edit, async () => sameText((await look())?.body ?? '', body));
    }
    return { value: { key, body }, created: made !== null };
  });
}

export interface Commented {
  /** Of an issue or a pull request: they share their numbers. */
  readonly number: number;
  readonly body: string;
}

async function settledComment(desk: Desk, key: Key, number: number) {
  const [kept, ...others] = await oursOf(desk, key, number);
  for (const { id } of others) await desk.client.delete(`${desk.client.repository}/issues/comments/${id}`);
  return kept ?? null;
}

async function oursOf(desk: Desk, key: Key, number: number) {
  const { client } = desk;
  const account = await desk.me();
  const all = await client.get(`${client.repository}/issues/${numbered(number)}/comments`, commentsAnswer);
  return all.filter(({ user, body }) => user.id === account.id && keyIn(body) === key).toSorted((a, b) => a.id - b.id);
}
