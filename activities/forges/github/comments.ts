import type { Account } from '../account.ts';
import type { Comment, Ensured } from '../forge.ts';
import { marked, type Key } from '../key.ts';
import { ensureOne } from '../http/ensure.ts';
import { ourKey, sameText } from '../http/marker.ts';
import { unless } from '../http/unless.ts';
import { inOrder } from '../../host/in-order.ts';
import type { GithubClient } from './api/client.ts';
import * as schema from './api/schema.ts';

/** A comment to be ensured, and where. */
export interface CommentDraft {
  readonly key: Key;
  /** Of the issue or the pull request. */
  readonly number: number;
  readonly body: string;
}

/** Writes the one comment of a key, or edits it if its text differs; deletes duplicates that a lost answer caused. */
export function ensureComment(
  client: GithubClient,
  me: () => Promise<Account>,
  { key, number, body }: CommentDraft,
): Promise<Ensured<Comment>> {
  const value = { key, body: marked(key, body) };
  const at = { ...client.at, issue_number: number };
  return inOrder(`${client.name} #${number} ${key}`, async () => {
    const account = await me();
    const { value: kept, created } = await ensureOne({
      find: async () => {
        const all = await client.all(schema.comment, (rest, page) => rest.issues.listComments({ ...at, ...page }));
        const ours = all.filter((each) => ourKey({ author: each.user, body: each.body }, account) === key);
        return ours.toSorted((a, b) => a.id - b.id);
      },
      create: () => client.ask(schema.comment, (rest) => rest.issues.createComment({ ...at, body: value.body })),
      numberOf: (made) => made.id,
      retire: async (others) => {
        for (const { id } of others)
          await client
            .ask(schema.nothing, (rest) => rest.issues.deleteComment({ ...client.at, comment_id: id }))
            .catch(unless('not-found')); // another attempt was quicker
      },
    });
    if (!created && !sameText(kept.body, value.body)) {
      const edit = { ...client.at, comment_id: kept.id, body: value.body };
      await client.ask(schema.comment, (rest) => rest.issues.updateComment(edit));
    }
    return { value, created };
  });
}
