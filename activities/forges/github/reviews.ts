import { ForgeError } from '../../failure/forge-error.ts';
import type { Ensured } from '../forge.ts';
import type { InlineComment, PostedReview, Review } from '../pull.ts';
import { marked, type Key } from '../key.ts';
import { ensureOne } from '../http/ensure.ts';
import { ourKey } from '../http/marker.ts';
import { inOrder } from '../../host/in-order.ts';
import type { GithubContext } from './context.ts';
import { readPull } from './pulls.ts';
import * as schema from './api/schema.ts';

type Event = PostedReview['event'];

/** A review as it is sent; parts that GitHub refuses are dropped one by one. */
interface Sending {
  readonly event: Event;
  readonly inline: readonly InlineComment[];
  readonly body: string;
}

const events = { approve: 'APPROVE', 'request-changes': 'REQUEST_CHANGES', comment: 'COMMENT' } as const;

/** Posts the review of a key once; as a comment on our own pull request, where GitHub accepts no verdict. */
export function postReview(
  github: GithubContext,
  posting: { readonly key: Key; readonly number: number; readonly review: Review },
): Promise<Ensured<PostedReview>> {
  const { client } = github;
  const { key, number, review } = posting;
  const at = { ...client.at, pull_number: number };
  marked(key, ''); // a bad key is refused before anything is asked
  return inOrder(`${client.name} #${number} ${key}`, async () => {
    const me = await github.me();
    const pull = await readPull(github, number);
    const { value, created } = await ensureOne({
      find: async () => {
        const all = await client.all(schema.review, (rest, page) => rest.pulls.listReviews({ ...at, ...page }));
        const ours = all.filter((each) => ourKey({ author: each.user, body: each.body }, me) === key);
        return ours.toSorted((a, b) => a.id - b.id);
      },
      create: () => {
        const formal: Event = review.verdict === 'approved' ? 'approve' : 'request-changes';
        const event = pull.user.id === me.id ? 'comment' : formal;
        return send(github, posting, { event, inline: review.inline ?? [], body: review.body });
      },
      numberOf: (made) => made.id,
    });
    return {
      value: { key, sha: review.sha, verdict: review.verdict, body: value.body, event: eventOf(value) },
      created,
    };
  });
}

async function send(
  github: GithubContext,
  posting: { readonly key: Key; readonly number: number; readonly review: Review },
  sending: Sending,
): Promise<schema.ReviewAnswer> {
  const { client } = github;
  const { key, number, review } = posting;
  const comments = sending.inline.map((each) => ({
    path: each.path,
    line: each.line,
    side: each.side === 'new' ? 'RIGHT' : 'LEFT',
    body: marked(each.key, each.body),
  }));
  try {
    return await client.ask(schema.review, (rest) =>
      rest.pulls.createReview({
        ...client.at,
        pull_number: number,
        commit_id: review.sha, // left out, GitHub takes whatever the head is by then
        event: events[sending.event],
        body: marked(key, sending.body),
        ...(comments.length === 0 ? {} : { comments }),
      }),
    );
  } catch (error) {
    if (!(error instanceof ForgeError)) throw error;
    if (error.kind === 'self-review' && sending.event !== 'comment') {
      return send(github, posting, { ...sending, event: 'comment' });
    }
    // GitHub does not say which line it was, and refuses the whole review.
    if (error.kind === 'bad-position' && sending.inline.length > 0) {
      return send(github, posting, { ...sending, inline: [], body: inBody(sending) });
    }
    throw error;
  }
}

function inBody({ body, inline }: Sending): string {
  const remarks = inline.map(
    ({ path, line, body: words }) => `**\`${path.replaceAll('`', "'")}:${line}\`**\n\n${words}`,
  );
  return [body, ...remarks].join('\n\n');
}

function eventOf({ state }: schema.ReviewAnswer): Event {
  switch (state.toUpperCase()) {
    case 'APPROVED':
      return 'approve';
    case 'CHANGES_REQUESTED':
      return 'request-changes';
    default:
      return 'comment';
  }
}
