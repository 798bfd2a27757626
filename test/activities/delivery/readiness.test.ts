import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readinessOf } from '../../../activities/delivery/readiness.ts';
import type { LiveIssue } from '../../../activities/forges/issue.ts';
import type { PullRequest } from '../../../activities/forges/pull.ts';
import { createForgeWork, someBranch, someDocument, type ForgeWork } from '../../support/forge/forge-work.ts';

describe('before an issue starts', () => {
  let work: ForgeWork;
  beforeEach(async () => {
    work = await createForgeWork();
  });
  afterEach(() => work.dispose());

  it('a new one goes, on its own branch', async () => {
    expect(await work.prepare()).toEqual({
      kind: 'go',
      title: someDocument.title,
      branch: someBranch,
      pullRequest: null,
    });
  });

  it('one with an open pull request is skipped, and satisfies only where that is approved', async () => {
    const pushed = await work.push();
    const { number } = await work.open(pushed);
    expect(await work.prepare()).toMatchObject({ kind: 'skip', pullRequest: number, sha: null, satisfies: false });
    await work.approve(pushed, number);
    expect(await work.prepare()).toMatchObject({ kind: 'skip', sha: pushed.head, satisfies: true });
  });

  it('an approval does not outlive a push on top of it', async () => {
    const pushed = await work.push();
    const { number } = await work.open(pushed);
    await work.approve(pushed, number);
    await work.push('more');
    expect(await work.prepare()).toMatchObject({ kind: 'skip', satisfies: false, sha: null });
  });

  it('a rerun adopts the open pull request with its branch', async () => {
    const { number } = await work.open(await work.push());
    expect(await work.prepare({ rerun: true })).toMatchObject({ kind: 'go', branch: someBranch, pullRequest: number });
  });

  it('a merged one is skipped and satisfies, also for a rerun', async () => {
    const { number } = await work.open(await work.push());
    await work.remote.merge(someBranch);
    for (const rerun of [false, true]) {
      const skipped = { kind: 'skip', pullRequest: number, sha: null, satisfies: true };
      expect(await work.prepare({ rerun })).toMatchObject(skipped);
    }
  });

  it('a closed pull request leaves its branch alone: the next generation is taken', async () => {
    const forge = await work.forge();
    const first = await work.open(await work.push());
    await forge.editPull(first.number, { state: 'closed' });
    const second = `${someBranch}-r2`;
    expect(await work.prepare()).toMatchObject({ kind: 'go', branch: second, pullRequest: null });
    const { number } = await work.open(await work.push('again', second), work.activities, second);
    await forge.editPull(number, { state: 'closed' });
    expect(await work.prepare()).toMatchObject({ kind: 'go', branch: `${someBranch}-r3` });
  });

  it('a branch that somebody pushed without a pull request is not written over', async () => {
    await work.push();
    expect(await work.prepare()).toMatchObject({ kind: 'go', branch: `${someBranch}-r2` });
  });

  it('another text under the same id starts anew, beside what the earlier one left', async () => {
    const { number } = await work.open(await work.push());
    await work.rewrite({ textHash: 'b'.repeat(64) });
    const anew = { kind: 'go', branch: `${someBranch}-r2`, pullRequest: null };
    expect(await work.prepare()).toMatchObject(anew);
    await work.remote.merge(someBranch);
    expect(await work.prepare()).toMatchObject(anew);
    await work.rewrite({});
    expect(await work.prepare()).toMatchObject({ kind: 'skip', pullRequest: number });
  });

  it('one that is rebuilt on another host keeps its branch and its pull request', async () => {
    const { head, base } = await work.push();
    const { number } = await work.open({ head, base });
    expect(await work.prepare({ resume: { branch: someBranch, head } })).toEqual({
      kind: 'go',
      title: someDocument.title,
      branch: someBranch,
      pullRequest: number,
    });
  });

  describe('where the forge is the place of its text', () => {
    const pin = { textHash: 'a'.repeat(64), readAt: '2026-11-26T10:00:00.000Z' };
    const handed = { ...someDocument, number: 12, pin };
    const once = { rerun: false, resume: null };

    /** The local forge, with what another one would say of the issue. */
    async function readyWhere(state: Partial<LiveIssue>, issue = handed) {
      const forge = await work.forge();
      const readIssue = async () => {
        return { state: 'open', closedBecause: null, pulls: [], textHash: pin.textHash, ...state } as const;
      };
      return readinessOf({ ...forge, readIssue }, issue, once);
    }

    it('the text that was handed over goes; another one is refused, and says how to approve it', async () => {
      expect(await readyWhere({})).toMatchObject({ kind: 'go' });
      expect(await readyWhere({ textHash: 'b'.repeat(64) })).toEqual({
        kind: 'skip',
        reason: `its text was edited after it was approved at ${pin.readAt}: look at it, then hand it over again: millrace start-batch 12`,
        pullRequest: null,
        sha: null,
        satisfies: false,
      });
    });

    it("somebody else's pull request for it is not worked against, unless it was closed", async () => {
      const { number } = await work.open(await work.push());
      const pull = await (await work.forge()).pull(number);
      const foreign = (state: PullRequest['state']) => ({ pulls: [{ ...pull, issueKey: null, state }] });
      const reason = `pull request #${number} for it is open, and not ours`;
      expect(await readyWhere(foreign('open'))).toMatchObject({ kind: 'skip', reason, satisfies: false });
      expect(await readyWhere(foreign('merged'))).toMatchObject({ kind: 'skip', satisfies: true });
      expect(await readyWhere(foreign('closed'))).toMatchObject({ kind: 'go' });
    });
  });
});
