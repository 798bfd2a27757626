import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PullRequest } from '../../../activities/forges/pull.ts';
import { reviewKey, statusKey } from '../../../activities/forges/key.ts';
import { editBehaviour } from './forge-behaviour/edits.ts';
import { issueBehaviour } from './forge-behaviour/issues.ts';
import { mergingBehaviour } from './forge-behaviour/merging.ts';
import { reviewBehaviour } from './forge-behaviour/reviews.ts';
import { createScene, type ForgeStage } from './forge-behaviour/stage.ts';

export { draftFor, someIssue, type ForgeStage } from './forge-behaviour/stage.ts';

/** What every forge has to do, through the seam alone: one suite, whatever answers behind it. */
export function forgeBehaviour(name: string, open: () => Promise<ForgeStage>): void {
  describe(`${name} as a forge`, () => {
    let stage: ForgeStage;
    const scene = createScene(() => stage);
    const { drafted, opened } = scene;
    beforeAll(async () => {
      stage = await open();
    });
    afterAll(() => stage.dispose());

    it('a new issue is open and has no pull request', async () => {
      const state = await stage.forge.readIssue(await stage.newIssue());
      expect(state).toMatchObject({ state: 'open', closedBecause: null, pulls: [] });
    });

    it('opens a pull request that carries its closing line and one marker', async () => {
      const { issue, draft, pull } = await opened();
      expect(pull).toMatchObject({
        state: 'open',
        branch: draft.branch,
        head: draft.head,
        base: 'main',
        mergeSha: null,
      });
      expect(pull.body.split('\n')).toContain(`Closes #${issue.id}`);
      expect(pull.body.match(/millrace-key: /g)).toHaveLength(1);
      expect((await stage.forge.readIssue(issue)).pulls).toEqual([later(pull)]);
    });

    it('the second time it adopts the first one', async () => {
      const { key, draft, pull } = await opened();
      expect(await stage.forge.ensurePull(key, draft)).toEqual({ value: later(pull), created: false });
    });

    it('twenty calls at once make one pull request', async () => {
      const { issue, key, draft } = await drafted();
      const all = await Promise.all(Array.from({ length: 20 }, () => stage.forge.ensurePull(key, draft)));
      expect(new Set(all.map(({ value }) => value.number)).size).toBe(1);
      expect(all.filter(({ created }) => created)).toHaveLength(1);
      expect(await stage.forge.pulls({ issueKey: issue.key })).toHaveLength(1);
    });

    it('pull requests of several issues at once get numbers of their own', async () => {
      const all = await Promise.all(Array.from({ length: 8 }, opened));
      expect(new Set(all.map(({ pull }) => pull.number)).size).toBe(8);
    });

    it('a branch that is not there has no pull request', async () => {
      const { key, draft } = await drafted();
      const absent = { ...draft, branch: `${draft.branch}-absent` };
      await expect(stage.forge.ensurePull(key, absent)).rejects.toMatchObject({ kind: 'invalid' });
      const baseless = { ...draft, base: 'no-such-base' };
      await expect(stage.forge.ensurePull(key, baseless)).rejects.toMatchObject({ kind: 'invalid' });
    });

    it('a branch without commits has no pull request', async () => {
      const { issue, key, draft } = await drafted();
      const head = await stage.remote.tip('main');
      await stage.remote.point(draft.branch, head);
      await expect(stage.forge.ensurePull(key, { ...draft, head })).rejects.toMatchObject({ kind: 'no-commits' });
      expect(await stage.forge.pulls({ issueKey: issue.key })).toEqual([]);
    });

    it('another push moves the head of the same pull request', async () => {
      const { key, draft, pull } = await opened();
      const head = await stage.remote.commit(draft.branch, 'more');
      expect(await stage.forge.pull(pull.number)).toMatchObject({ number: pull.number, head });
      expect(await stage.forge.ensurePull(key, { ...draft, head })).toMatchObject({
        value: { number: pull.number, head },
        created: false,
      });
    });

    it('a merge by hand is a merge, and closes the issue', async () => {
      const { issue, key, draft, pull } = await opened();
      const mergeSha = await stage.remote.merge(draft.branch);
      expect(await stage.forge.pull(pull.number)).toMatchObject({ state: 'merged', mergeSha });
      expect(await stage.forge.readIssue(issue)).toMatchObject({ state: 'closed', pulls: [{ state: 'merged' }] });
      expect(await stage.forge.ensurePull(key, draft)).toMatchObject({ value: { state: 'merged' }, created: false });
    });

    it('a closed pull request is an answer and is not opened again by itself', async () => {
      const { issue, key, draft, pull } = await opened();
      await stage.forge.editPull(pull.number, { state: 'closed' });
      expect(await stage.forge.ensurePull(key, draft)).toMatchObject({
        value: { number: pull.number, state: 'closed' },
        created: false,
      });
      expect(await stage.forge.pulls({ branch: draft.branch })).toHaveLength(1);
      expect(await stage.forge.readIssue(issue)).toMatchObject({ state: 'open' });
    });

    it('title, body and state can be edited, the state of a merged one cannot', async () => {
      const { draft, pull } = await opened();
      const edited = await stage.forge.editPull(pull.number, { title: 'Other', body: 'New words', state: 'closed' });
      expect(edited).toMatchObject({ title: 'Other', state: 'closed' });
      expect(edited.body).toMatch(/^New words\n\n<!-- millrace-key: issue\//);
      expect(await stage.forge.editPull(pull.number, { state: 'open' })).toMatchObject({ state: 'open' });
      await stage.remote.merge(draft.branch);
      await expect(stage.forge.editPull(pull.number, { state: 'closed' })).rejects.toMatchObject({ kind: 'conflict' });
    });

    it('pull requests are found by branch, by issue and altogether, oldest first', async () => {
      const one = await opened();
      const branch = `${one.draft.branch}-r2`;
      const head = await stage.remote.commit(branch, 'again');
      await stage.forge.editPull(one.pull.number, { state: 'closed' });
      const two = await stage.forge.ensurePull(one.key, { ...one.draft, branch, head });
      const numbers = (pulls: readonly { readonly number: number }[]) => pulls.map((pull) => pull.number);
      expect(numbers(await stage.forge.pulls({ branch }))).toEqual([two.value.number]);
      expect(numbers(await stage.forge.pulls({ issueKey: one.issue.key }))).toEqual([
        one.pull.number,
        two.value.number,
      ]);
      const all = numbers(await stage.forge.pulls('all'));
      expect(all).toEqual(all.toSorted((a, b) => a - b));
      expect(all).toEqual(expect.arrayContaining([one.pull.number, two.value.number]));
    });

    it('a review is posted once a key', async () => {
      const { draft, pull } = await opened();
      const review = { sha: draft.head, verdict: 'needs-work', body: 'Line 3.' } as const;
      const key = reviewKey({ pull: pull.number, sha: draft.head, round: 1 });
      const all = await Promise.all([1, 2, 3].map(() => stage.forge.postReview(key, pull.number, review)));
      expect(all.filter(({ created }) => created)).toHaveLength(1);
      const other = reviewKey({ pull: pull.number, sha: draft.head, round: 2 });
      expect(await stage.forge.postReview(other, pull.number, review)).toMatchObject({ created: true });
    });

    it('a comment is edited in place', async () => {
      const { issue, pull } = await opened();
      for (const on of [{ issue }, { pull: pull.number }]) {
        const key = statusKey(issue.key);
        expect(await stage.forge.ensureComment(key, on, 'one')).toMatchObject({ created: true });
        const second = await stage.forge.ensureComment(key, on, 'two');
        expect(second).toMatchObject({ created: false });
        expect(second?.value.body).toMatch(/^two\n/);
      }
    });

    it('the newest status of a context counts, for exactly one sha', async () => {
      const { draft } = await opened();
      const other = await stage.remote.commit(draft.branch, 'more');
      await stage.forge.setStatus(draft.head, { context: 'millrace/review', state: 'failure', text: 'needs work' });
      await stage.forge.setStatus(draft.head, { context: 'ci/test', state: 'success', text: 'ok' });
      await stage.forge.setStatus(draft.head, { context: 'millrace/review', state: 'success', text: 'approved' });
      const statuses = await stage.forge.statuses(draft.head);
      expect(statuses).toHaveLength(2);
      expect(statuses).toContainEqual({ context: 'millrace/review', state: 'success', text: 'approved' });
      expect(await stage.forge.statuses(other)).toEqual([]);
    });

    it('twenty statuses at once are all kept', async () => {
      const { draft } = await opened();
      const contexts = Array.from({ length: 20 }, (_, index) => `ci/${index}`);
      await Promise.all(
        contexts.map((context) => stage.forge.setStatus(draft.head, { context, state: 'success', text: 'ok' })),
      );
      const statuses = await stage.forge.statuses(draft.head);
      expect(statuses.map((status) => status.context).toSorted()).toEqual(contexts.toSorted());
    });

    it('an issue is closed once, for its first reason', async () => {
      const issue = await stage.newIssue();
      const { issues } = await stage.forge.capabilities();
      await stage.forge.closeIssue(issue, { why: 'completed', because: 'landed as abc', sha: null });
      await stage.forge.closeIssue(issue, { why: 'not-planned', because: 'later', sha: null });
      const closedBecause = issues ? expect.stringMatching(/^closed/) : 'landed as abc';
      expect(await stage.forge.readIssue(issue)).toMatchObject({ state: 'closed', closedBecause });
    });

    it('branches are listed by how they begin', async () => {
      const { issue, draft } = await drafted();
      expect(await stage.forge.branches(`millrace/${issue.key}`)).toEqual([draft.branch]);
      expect(await stage.forge.branches(`millrace/${issue.key}-x`)).toEqual([]);
    });

    it('what is not there is not found', async () => {
      for (const number of [999_999, 0, -1, 1.5, Number.NaN]) {
        await expect(stage.forge.pull(number)).rejects.toMatchObject({ kind: 'not-found' });
      }
      const review = { sha: 'a'.repeat(40), verdict: 'approved', body: '' } as const;
      await expect(stage.forge.postReview('review/1', 999_999, review)).rejects.toMatchObject({ kind: 'not-found' });
    });

    it.each(['', '../../etc/passwd', 'main', 'A'.repeat(40), `${'a'.repeat(40)}/..`])(
      'no status for %j, which is not a full commit id',
      async (sha) => {
        const status = { context: 'ci', state: 'success', text: '' } as const;
        await expect(async () => stage.forge.setStatus(sha, status)).rejects.toMatchObject({ kind: 'invalid' });
      },
    );

    it('a key that could end its marker is refused', async () => {
      const { draft } = await drafted();
      await expect(stage.forge.ensurePull('x --> Closes #1', draft)).rejects.toMatchObject({ kind: 'invalid' });
    });

    issueBehaviour(scene);
    editBehaviour(scene);
    reviewBehaviour(scene);
    mergingBehaviour(scene);
  });
}

/** The same pull request when it is asked for again: some forges find out later whether it can be merged. */
function later(pull: PullRequest): PullRequest {
  return { ...pull, mergeable: expect.stringMatching(/^(yes|no|unknown)$/) };
}
