import { readdir } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reviewContext } from '../../workflows/domain/review.ts';
import { noUsage } from '../../workflows/domain/attempt.ts';
import type { OutcomeKind } from '../../workflows/domain/outcome.ts';
import {
  activityContext,
  createForgeWork,
  someBranch,
  someDocument,
  someOutcome,
} from '../support/forge/forge-work.ts';
import type { ForgeWork } from '../support/forge/forge-work.ts';

const { title } = someDocument;

describe('the forge activities', () => {
  let work: ForgeWork;
  beforeEach(async () => {
    work = await createForgeWork();
  });
  afterEach(() => work.dispose());

  describe('openPullRequest', () => {
    it('opens one and adopts it the next time, with the newest head', async () => {
      const first = await work.open(await work.push());
      const fixed = await work.push('fix');
      expect(await work.open(fixed)).toEqual(first);
      expect(await (await work.forge()).pulls('all')).toMatchObject([{ number: 1, head: fixed.head }]);
    });

    it('names the checks, the cost and the work that the branch contains', async () => {
      const pushed = await work.push();
      const check = { name: 'npm test', passed: true, exitCode: 0, durationMs: 2000, output: 'secret log' };
      const checks = await work.state.artifacts.put({ version: 1, head: pushed.head, checks: [check] });
      await work.run(work.activities.openPullRequest, {
        version: 1,
        issue: work.issue(),
        branch: someBranch,
        ...pushed,
        title,
        summary: 'Closes #99 for @everyone',
        dependencies: [{ id: 'dep', key: 'dep', sha: pushed.base.sha, pullRequest: 7 }],
        checks,
        usage: { ...noUsage, costUsd: 0.5 },
      });
      const [pull] = await (await work.forge()).pulls('all');
      expect(pull?.body).toContain('| `npm test` | passed | 2.0 s |');
      expect(pull?.body).toContain('- `dep` (#7, ');
      expect(pull?.body).toContain('$0.50');
      expect(pull?.body.match(/Closes #\d+/g)).toEqual(['Closes #12']);
      expect(pull?.body).not.toContain('secret log');
    });

    it('one that a person closed is not opened again', async () => {
      const pushed = await work.push();
      const { number } = await work.open(pushed);
      await (await work.forge()).editPull(number, { state: 'closed' });
      await expect(work.open(pushed)).rejects.toMatchObject({
        type: 'ForgeRejected',
        nonRetryable: true,
        details: [{ kind: 'pull-closed', pullRequest: number }],
      });
    });

    it('an activity that was cancelled has no effect', async () => {
      const pushed = await work.push();
      const context = activityContext();
      context.cancel();
      const words = { branch: someBranch, title, summary: '', dependencies: [], checks: null };
      const input = { version: 1, issue: work.issue(), ...pushed, ...words } as const;
      const opened = context.run(work.activities.openPullRequest, input);
      await expect(opened).rejects.toMatchObject({ name: 'CancelledFailure' });
      expect(await (await work.forge()).pulls('all')).toEqual([]);
    });
  });

  describe('postReview', () => {
    it('sets the status of exactly that sha, and posts once', async () => {
      const pushed = await work.push();
      const { number } = await work.open(pushed);
      await work.approve(pushed, number);
      await work.approve(pushed, number);
      expect(await (await work.forge()).statuses(pushed.head)).toEqual([
        { context: reviewContext, state: 'success', text: 'approved in round 1' },
      ]);
      expect((await work.record<{ reviews: unknown[] }>('pulls/1')).reviews).toHaveLength(1);
    });

    it('without a pull request there is the status only', async () => {
      const pushed = await work.push();
      await work.approve(pushed, null);
      expect(await (await work.forge()).statuses(pushed.head)).toHaveLength(1);
      expect(await readdir(work.state.layout.forge)).toEqual(['statuses']);
    });
  });

  describe('landPullRequest', () => {
    it('lands approved work: merged, closed, on the base', async () => {
      const pushed = await work.push();
      const { number } = await work.open(pushed);
      await work.approve(pushed, number);
      const landed = await work.land(pushed, number);
      const sha = await work.remote.tip('main');
      expect(landed).toEqual({ kind: 'landed', sha });
      expect(await (await work.forge()).pull(number)).toMatchObject({ state: 'merged', mergeSha: sha });
      expect(await work.prepare()).toMatchObject({ kind: 'skip', pullRequest: number, satisfies: true });
      const message = await work.remote.git.run(['show', '-s', '--format=%B', 'main']);
      expect(message.trimEnd()).toBe(`Fix the parser (#${number})\n\nCloses #12`);
      expect(await work.land(pushed, number)).toEqual(landed);
    });

    it('lands without a pull request', async () => {
      const pushed = await work.push();
      await work.approve(pushed, null);
      const landed = await work.land(pushed, null);
      expect(landed.kind).toBe('landed');
      expect(await work.land(pushed, null)).toEqual(landed);
      expect(await work.prepare()).toMatchObject({ kind: 'skip', satisfies: true });
    });

    it('nothing lands that no review and no person approved', async () => {
      const pushed = await work.push();
      const { number } = await work.open(pushed);
      const refused = { type: 'ForgeRejected', nonRetryable: true, details: [{ kind: 'not-approved' }] };
      await expect(work.land(pushed, number)).rejects.toMatchObject(refused);
      expect(await work.remote.tip('main')).toBe(pushed.base.sha);
      const accepted = { pullRequest: number, head: pushed.head, reason: 'good enough' };
      await work.run(work.activities.acceptWork, { version: 1, issue: work.issue(), ...accepted });
      expect(await work.land(pushed, number)).toMatchObject({ kind: 'landed' });
    });

    it('what was pushed on top of the approved work does not land with it', async () => {
      const pushed = await work.push();
      const { number } = await work.open(pushed);
      await work.approve(pushed, number);
      await work.push('sneaked in');
      const refused = { type: 'ForgeRejected', details: [{ kind: 'stale-head' }] };
      await expect(work.land(pushed, number)).rejects.toMatchObject(refused);
      expect(await work.remote.tip('main')).toBe(pushed.base.sha);
    });

    it('a pull request into another base is closed when its work has landed, and says so', async () => {
      const pushed = await work.push();
      await work.remote.point('next', pushed.base.sha);
      const { number } = await work.open({ ...pushed, base: { ...pushed.base, branch: 'next' } });
      await work.approve(pushed, number);
      const landed = await work.land(pushed, number);
      const sha = await work.remote.tip('main');
      expect(landed).toEqual({ kind: 'landed', sha });
      expect(await work.record(`pulls/${number}`)).toMatchObject({
        state: 'closed',
        comments: [{ body: expect.stringContaining(`landed as ${sha.slice(0, 12)}`) }],
      });
      expect(await work.prepare()).toMatchObject({ kind: 'skip', satisfies: true });
    });

    it('a pull request that a person closed is for a person', async () => {
      const pushed = await work.push();
      const { number } = await work.open(pushed);
      await (await work.forge()).editPull(number, { state: 'closed' });
      expect(await work.land(pushed, number)).toMatchObject({ kind: 'blocked', command: 'millrace resume 12' });
    });
  });

  describe('recordOutcome', () => {
    it('says how it ended in one comment, edited in place, and closes nothing that did not land', async () => {
      const kinds: readonly OutcomeKind[] = ['approved', 'no-change', 'failed', 'needs-manual-review', 'cancelled'];
      for (const kind of kinds) await work.end(someOutcome(kind));
      expect(await work.record('issues/12')).toMatchObject({
        comments: [{ key: 'issue/12/status', body: expect.stringMatching(/^\*\*cancelled\*\*/) }],
        closings: [],
      });
      expect(await work.prepare()).toMatchObject({ kind: 'go' });
    });

    it('a cancelled issue leaves its pull request open, with a comment', async () => {
      const { number } = await work.open(await work.push());
      await work.end(someOutcome('cancelled', { pullRequest: number }));
      expect(await (await work.forge()).pull(number)).toMatchObject({ state: 'open' });
      expect(await work.record(`pulls/${number}`)).toMatchObject({
        comments: [{ body: expect.stringContaining('stays open for a person to decide') }],
      });
    });
  });

  it('a report gets the facts of the pull requests and not their texts', async () => {
    const { head } = await work.push();
    await work.open({ head, base: { branch: 'main', sha: head, start: head } });
    expect(await work.run(work.activities.listPulls, work.state.ref)).toEqual([
      { number: 1, url: null, issueKey: '12', branch: someBranch, title, state: 'open', head },
    ]);
  });
});
