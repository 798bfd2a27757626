import type { CreateIssueCommentOption, EditIssueCommentOption } from 'gitea-js';
import type { Comment, Ensured } from '../forge.ts';
import { keyIn, marked, type Key } from '../key.ts';
import { sameText } from '../http/marker.ts';
import { commentsAnswer } from './answers.ts';
import { numberSegment } from './client.ts';
import { createdOrFound, doneAnyway, type GiteaContext } from './context.ts';

/** Writes our one comment with that key, or edits it in place; deletes any further ones. */
export async function ensureComment(gitea: GiteaContext, key: Key, on: Commented): Promise<Ensured<Comment>> {
  const { client } = gitea;
  const body = marked(key, on.body);
  const path = `${client.repository}/issues/${numberSegment(on.number)}/comments`;
  const look = async () => settledComment(gitea, key, on.number);
  return gitea.alone(`${on.number} ${key}`, async () => {
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

/** A comment to be ensured, and where. */
export interface Commented {
  /** Of an issue or a pull request: they share their numbers. */
  readonly number: number;
  readonly body: string;
}

async function settledComment(gitea: GiteaContext, key: Key, number: number) {
  const [kept, ...others] = await oursOf(gitea, key, number);
  for (const { id } of others) await gitea.client.delete(`${gitea.client.repository}/issues/comments/${id}`);
  return kept ?? null;
}

async function oursOf(gitea: GiteaContext, key: Key, number: number) {
  const { client } = gitea;
  const account = await gitea.me();
  const all = await client.get(`${client.repository}/issues/${numberSegment(number)}/comments`, commentsAnswer);
  return all.filter(({ user, body }) => user.id === account.id && keyIn(body) === key).toSorted((a, b) => a.id - b.id);
}
