import type { CreatePullReviewOptions } from 'gitea-js';
import { ForgeError } from '../../failure/forge-error.ts';
import { keyIn, marked } from '../key.ts';
import type { Ensured } from '../forge.ts';
import type { InlineComment, PostedReview, PullRequest, Review } from '../pull.ts';
import type { Key } from '../key.ts';
import { unless } from '../http/unless.ts';
import { fullSha } from '../pushed.ts';
import { commitAnswer, reviewsAnswer, type ReviewAnswer } from './answers.ts';
import { numberSegment } from './client.ts';
import { createdOrFound, type GiteaContext } from './context.ts';
import { linesOf } from './diff.ts';
import { readPull } from './pulls.ts';
import { ourThreads } from './threads.ts';

/** Longest diff that is searched for lines; remarks beyond it go into the body. */
const DIFF_BYTES = 16 * 1024 * 1024;

type Event = PostedReview['event'];

/** Gitea's names of the events: it also accepts `APPROVE`, but makes an invisible review of it. */
const events = {
  approve: 'APPROVED',
  'request-changes': 'REQUEST_CHANGES',
  comment: 'COMMENT',
} as const satisfies Record<Event, string>;

/** Posts a review, or finds the one that carries its key. */
export async function postReview(gitea: GiteaContext, key: Key, to: Reviewed): Promise<Ensured<PostedReview>> {
  const { number, review } = to;
  marked(key, ''); // refuses a bad key before anything is asked
  return gitea.alone(`${number} ${key}`, async () => {
    const pull = await readPull(gitea, number);
    const look = () => settledReview(gitea, key, number);
    const found = await look();
    if (found) return { value: postedAs(key, review, found), created: false };
    await mustKnow(gitea, pull, fullSha(review.sha));
    const { inline, rest } = await placed(gitea, pull, review);
    const isOurs = pull.author?.id === (await gitea.me()).id;
    const verdict: Event = review.verdict === 'approved' ? 'approve' : 'request-changes';
    const post = async (event: Event, comments: readonly InlineComment[], left: readonly InlineComment[]) => {
      await withoutDrafts(gitea, number); // Gitea would publish an old draft together with this
      const option = optionOf(key, review, { event, inline: comments, left });
      const path = `${gitea.client.repository}/pulls/${numberSegment(number)}/reviews`;
      return createdOrFound(() => gitea.client.post(path, option), look).catch(async (error: unknown) => {
        await withoutDrafts(gitea, number);
        throw error;
      });
    };
    const made = await post(isOurs ? 'comment' : verdict, inline, rest).catch(async (error: unknown) => {
      if (!(error instanceof ForgeError)) throw error;
      if (error.kind === 'self-review') return post('comment', inline, rest);
      // A 500 without words is a line that is not in the file; the remarks before it stay in a draft.
      const isPosition = error.kind === 'bad-position' || error.kind === 'rejected';
      if (!isPosition || inline.length === 0) throw error;
      return post(isOurs ? 'comment' : verdict, [], [...inline, ...rest]);
    });
    return { value: postedAs(key, review, made.value), created: made.isOurs };
  });
}

/** A review, and the number of its pull request. */
export interface Reviewed {
  readonly number: number;
  readonly review: Review;
}

/** Splits inline comments into those whose line is in the diff of exactly this commit, and those for the body. */
async function placed(gitea: GiteaContext, pull: PullRequest, { sha, inline = [] }: Review) {
  if (inline.length === 0) return { inline: [], rest: [] };
  const known = new Set((await ourThreads(gitea, pull.number)).map(({ key }) => key));
  const fresh = inline.filter(({ key }) => !known.has(key)); // a finding has one thread, over all rounds
  if (pull.head !== sha) return { inline: [], rest: fresh };
  const path = `${gitea.client.repository}/pulls/${numberSegment(pull.number)}.diff`;
  const lines = linesOf(await gitea.client.text(path, { bytes: DIFF_BYTES, end: 'all' }));
  return {
    inline: fresh.filter((comment) => lines.has(comment)),
    rest: fresh.filter((comment) => !lines.has(comment)),
  };
}

interface Form {
  readonly event: Event;
  readonly inline: readonly InlineComment[];
  /** Remarks whose lines are not in the diff. */
  readonly left: readonly InlineComment[];
}

function optionOf(key: Key, review: Review, { event, inline, left }: Form): CreatePullReviewOptions {
  const word = review.verdict === 'approved' ? 'approved' : 'needs work';
  const first = review.body.split('\n', 1)[0] ?? '';
  // A comment has no verdict of its own, so its first line tells it.
  const body = event === 'comment' && !first.includes(word) ? `**${word}**\n\n${review.body}` : review.body;
  const remarks = left.map(({ path, line, body: words }) => `On \`${inCode(path)}:${line}\`:\n\n${words}`);
  return {
    commit_id: review.sha,
    event: events[event],
    body: marked(key, [body, ...remarks].join('\n\n')),
    comments: inline.map((comment) => ({
      path: comment.path,
      body: marked(comment.key, comment.body),
      new_position: comment.side === 'new' ? comment.line : 0,
      old_position: comment.side === 'old' ? comment.line : 0,
    })),
  } satisfies CreatePullReviewOptions;
}

/** An unknown commit is a 500, and turns every later review with inline comments into one too. */
async function mustKnow({ client }: GiteaContext, pull: PullRequest, sha: string): Promise<void> {
  if (pull.head === sha) return;
  const known = await client.get(`${client.repository}/git/commits/${sha}`, commitAnswer).catch(unless('not-found'));
  if (!known) throw new ForgeError('invalid', `${sha} is not a commit of the repository: push it before its review`);
}

/** Ours with that key; of several the first stays. */
async function settledReview(gitea: GiteaContext, key: Key, number: number): Promise<ReviewAnswer | null> {
  const reviews = (await oursOn(gitea, number)).filter(({ state, body }) => state !== 'PENDING' && keyIn(body) === key);
  const [kept, ...others] = reviews.toSorted((a, b) => a.id - b.id);
  for (const { id } of others) await removed(gitea, number, id);
  return kept ?? null;
}

async function withoutDrafts(gitea: GiteaContext, number: number): Promise<void> {
  const drafts = (await oursOn(gitea, number)).filter(({ state }) => state === 'PENDING');
  for (const { id } of drafts) await removed(gitea, number, id);
}

async function removed({ client }: GiteaContext, number: number, id: number): Promise<void> {
  const path = `${client.repository}/pulls/${numberSegment(number)}/reviews/${id}`;
  await client.delete(path).catch(unless('not-found')); // somebody was faster
}

async function oursOn(gitea: GiteaContext, number: number): Promise<readonly ReviewAnswer[]> {
  const me = await gitea.me();
  const all = await gitea.client.list(
    `${gitea.client.repository}/pulls/${numberSegment(number)}/reviews`,
    reviewsAnswer,
  );
  return all.filter(({ user }) => user.id === me.id);
}

function postedAs(key: Key, review: Review, found: ReviewAnswer): PostedReview {
  const event =
    found.state === 'APPROVED' ? 'approve' : found.state === 'REQUEST_CHANGES' ? 'request-changes' : 'comment';
  return { ...review, key, event, body: found.body };
}

function inCode(path: string): string {
  return path.replace(/[`\p{Cc}]/gu, '?').slice(0, 200);
}
