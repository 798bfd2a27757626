import { expect, it } from 'vitest';
import type { InlineComment, Thread } from '../../../../activities/forges/pull.ts';
import { findingKey, reviewKey } from '../../../../activities/forges/key.ts';
import { fileOf, unique, type Scene } from './stage.ts';

/** What a forge does with reviews, their inline comments and the threads that these begin. */
export function reviewBehaviour({ stage, opened }: Scene): void {
  const remark = (path: string, line: number, body = 'Look here.'): InlineComment => ({
    key: findingKey(unique('f')),
    path,
    line,
    side: 'new',
    body,
  });

  it('a verdict is formal where the account may give one, else it is a comment', async () => {
    const { draft, pull } = await opened();
    const { forge, other } = stage();
    const own = (await forge.capabilities()).ownReview === 'any';
    const verdicts = [
      ['approved', 'approve'],
      ['needs-work', 'request-changes'],
    ] as const;
    for (const [round, [verdict, event]] of verdicts.entries()) {
      const key = reviewKey({ pull: pull.number, sha: draft.head, round });
      const review = { sha: draft.head, verdict, body: 'Words of a review.' };
      expect(await forge.postReview(key, pull.number, review)).toMatchObject({
        created: true,
        value: { verdict, sha: draft.head, event: own ? event : 'comment' },
      });
      if (!other) continue;
      const theirs = { created: true, value: { verdict, event } };
      expect(await other.postReview(key, pull.number, review)).toMatchObject(theirs);
      expect(await other.postReview(key, pull.number, review)).toMatchObject({ ...theirs, created: false });
    }
  });

  it('inline comments begin threads, which are answered once and resolved', async () => {
    const { issue, draft, pull } = await opened();
    const { forge } = stage();
    const inline = [remark(fileOf(issue), 1), remark(fileOf(issue), 3, 'And here.')];
    const key = reviewKey({ pull: pull.number, sha: draft.head, round: 1 });
    await forge.postReview(key, pull.number, { sha: draft.head, verdict: 'needs-work', body: 'Two.', inline });
    const threads = await forge.threads(pull.number);
    expect(threads.map((thread) => thread.key).toSorted()).toEqual(inline.map((each) => each.key).toSorted());
    expect(threads.every(({ resolved }) => !resolved)).toBe(true);
    const [first, second] = threads;
    if (!first || !second) throw new Error('no threads');
    const answerTo = (thread: Thread) => ({ key: `${thread.key}/answer`, thread, body: 'Done.' });
    await forge.answerThreads(pull.number, [answerTo(first)]);
    await forge.answerThreads(pull.number, [answerTo(first)]); // by an attempt that does not know of the first
    const after = await forge.threads(pull.number);
    expect(after).toHaveLength(2); // an answer is no thread
    expect(after.find(({ id }) => id === first.id)?.resolved).toBe(true);
    expect(after.find(({ id }) => id === second.id)?.resolved).toBe(false);
    await forge.answerThreads(pull.number, [answerTo(first), answerTo(second)]);
    expect((await forge.threads(pull.number)).map(({ resolved }) => resolved)).toEqual([true, true]);
  });

  it('a remark on a line or in a file that the diff does not have is not lost with its review', async () => {
    const { draft, pull } = await opened();
    const { forge } = stage();
    const inline = [remark('no/such/file.ts', 7, 'Words about nowhere.')];
    const key = reviewKey({ pull: pull.number, sha: draft.head, round: 1 });
    const review = { sha: draft.head, verdict: 'needs-work', body: 'One.', inline } as const;
    const posted = await forge.postReview(key, pull.number, review);
    expect(posted.created).toBe(true);
    const threads = await forge.threads(pull.number);
    if (threads.length > 0) return; // this forge keeps it where it was said
    expect(posted.value.body).toContain('Words about nowhere.');
    expect(posted.value.body).toContain('no/such/file.ts');
    expect(await forge.postReview(key, pull.number, review)).toMatchObject({ created: false });
  });
}
