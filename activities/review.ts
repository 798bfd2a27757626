import type { AcceptInput, PostReviewInput } from '../workflows/domain/forge/delivery.ts';
import { blockingFindings, reviewContext, type Finding, type ReviewDocument } from '../workflows/domain/review.ts';
import { acceptedBody, inlineBody, reviewBody, reviewStatusText } from './delivery/texts.ts';
import type { Lookup } from './delivery/lookup.ts';
import { stillOurs } from './heartbeat.ts';
import type { InlineComment, Thread, ThreadAnswer } from './forges/pull.ts';
import { findingKey, reviewKey } from './forges/key.ts';
import { openMirror, trackingRef } from './git/mirror.ts';
import type { Repository } from './repository/repository.ts';
import { changedLines, type ChangedLines } from './git/changed-lines.ts';

/** Most remarks on single lines in one review; further findings stand in its body. */
const MOST_INLINE = 30;

/** Lines around a change that forges show with it, and accept remarks on. */
const CONTEXT = 3;

/** Activities that tell the forge what a review decided, or a person in its place. */
export function createReviewActivities(lookup: Lookup) {
  return {
    postReview: async (input: PostReviewInput): Promise<void> => {
      const { repository, forge } = await lookup.repository(input.issue);
      const { head, round, pullRequest } = input;
      const review = await repository.artifacts.get<ReviewDocument>(input.review);
      if (review.head !== head) throw new Error(`the review of ${review.head} was to be posted on ${head}`);
      const state = review.verdict === 'approved' ? 'success' : 'failure';
      stillOurs();
      await forge.setStatus(head, { context: reviewContext, state, text: reviewStatusText(review) });
      if (pullRequest === null) return;
      const threads = await forge.threads(pullRequest);
      const inline = await inlineOf(repository, { review, threads });
      await forge.postReview(reviewKey({ pull: pullRequest, sha: head, round }), pullRequest, {
        sha: head,
        verdict: review.verdict,
        body: reviewBody(review, new Set(inline.map(({ key }) => key))),
        inline,
      });
      const answers = answersTo({ review, threads });
      if (answers.length === 0) return;
      stillOurs();
      await forge.answerThreads(pullRequest, answers);
    },

    acceptWork: async (input: AcceptInput): Promise<void> => {
      const { forge } = await lookup.repository(input.issue);
      stillOurs();
      await forge.setStatus(input.head, { context: reviewContext, state: 'success', text: 'accepted by a person' });
      if (input.pullRequest === null) return;
      const key = `accept/${input.pullRequest}/${input.head}`;
      await forge.ensureComment(key, { pull: input.pullRequest }, acceptedBody(input));
    },
  };
}

interface Posting {
  readonly review: ReviewDocument;
  readonly threads: readonly Thread[];
}

/** Findings that can stand at their lines: the pull request shows the line, and no thread of an earlier round is there. */
async function inlineOf(repository: Repository, { review, threads }: Posting): Promise<readonly InlineComment[]> {
  const placed = blockingFindings(review).filter(hasPlace);
  if (placed.length === 0) return [];
  const lines = await shownLines(repository, review.head);
  const known = new Set(threads.map(({ key }) => key));
  const inline = placed.flatMap(({ file, line, fingerprint, severity, body }): readonly InlineComment[] => {
    const key = findingKey(fingerprint);
    const isShown = lines.get(file)?.some(([first, last]) => first <= line && line <= last) ?? false;
    if (!isShown || known.has(key)) return [];
    known.add(key);
    return [{ key, path: file, line, side: 'new', body: inlineBody({ severity, body }) }];
  });
  return inline.slice(0, MOST_INLINE);
}

type PlacedFinding = Finding & { readonly line: number; readonly fingerprint: string };

function hasPlace(finding: Finding): finding is PlacedFinding {
  return finding.file !== '' && finding.line !== null && finding.fingerprint !== undefined;
}

/** Lines of the new files that a pull request shows. Git tells them: forges accept any line, or none. */
async function shownLines(repository: Repository, head: string): Promise<ChangedLines> {
  const { base } = repository.settings.repository;
  const mirror = await openMirror(repository);
  const tip = (await mirror.resolve(trackingRef(base))) ?? (await mirror.fetchBase(base));
  const start = await mirror.mergeBase(tip, head);
  return start === null ? new Map() : changedLines(mirror.git, { since: start, head, context: CONTEXT });
}

/** Answers to threads of earlier rounds whose finding is now resolved. */
function answersTo({ review, threads }: Posting): readonly ThreadAnswer[] {
  const resolved = new Set((review.resolved ?? []).flatMap(({ fingerprint }) => fingerprint ?? []).map(findingKey));
  const head = review.head.slice(0, 12);
  return threads
    .filter((thread) => !thread.resolved && resolved.has(thread.key))
    .map((thread) => ({ key: `${thread.key}/${head}`, thread, body: `Resolved in ${head}.` }));
}
