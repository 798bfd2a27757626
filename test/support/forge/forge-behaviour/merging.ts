import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { ForgeError } from '../../../../activities/failure/forge-error.ts';
import type { Merge, MergeOrder } from '../../../../activities/forges/pull.ts';
import { draftFor, unique, type Scene } from './stage.ts';

/** What CI says, and what is merged when. */
export function mergingBehaviour({ stage, opened, drafted }: Scene): void {
  const order = (sha: string, when: MergeOrder['when'] = 'now'): MergeOrder => ({
    method: 'merge',
    sha,
    when,
    title: 'Land it',
    message: 'Reviewed.',
  });

  /** As the workflow does it: some forges compare the branches anew for seconds, after each attempt. */
  const land = async (number: number, to: MergeOrder): Promise<Merge> => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await stage().forge.merge(number, to);
      } catch (error) {
        const isEarly = error instanceof ForgeError && error.kind === 'merge-not-ready';
        if (!isEarly || tries === 20) throw error;
        await sleep(1_000);
      }
    }
  };

  it('the statuses of a commit are its CI, without ours', async () => {
    const { draft } = await opened();
    const { forge } = stage();
    const ci = () => forge.ci(draft.head, 'main');
    await forge.setStatus(draft.head, { context: 'millrace/review', state: 'failure', text: 'needs work' });
    expect(await ci()).toMatchObject({ sha: draft.head, overall: 'none', complete: true, checks: [] });
    await forge.setStatus(draft.head, { context: 'ci/a', state: 'success', text: 'ok' });
    await forge.setStatus(draft.head, { context: 'ci/b', state: 'pending', text: 'runs' });
    expect(await ci()).toMatchObject({ overall: 'pending', complete: true });
    await forge.setStatus(draft.head, { context: 'ci/b', state: 'failure', text: 'red' });
    expect(await ci()).toMatchObject({ overall: 'failure' });
    await forge.setStatus(draft.head, { context: 'ci/b', state: 'success', text: 'green' });
    const { overall, checks } = await ci();
    expect(overall).toBe('success');
    expect(checks.map(({ name, source, state }) => ({ name, source, state }))).toEqual(
      expect.arrayContaining([
        { name: 'ci/a', source: 'status', state: 'success' },
        { name: 'ci/b', source: 'status', state: 'success' },
      ]),
    );
    expect(checks).toHaveLength(2);
  });

  it('a status longer than a forge takes is cut, not refused', async () => {
    const { draft } = await opened();
    const { forge } = stage();
    await forge.setStatus(draft.head, { context: 'ci/long', state: 'success', text: 'é'.repeat(300) });
    const [status] = await forge.statuses(draft.head);
    expect(status?.text.startsWith('é'.repeat(100))).toBe(true);
  });

  it('a merge by the reviewed sha lands it, once', async () => {
    const { issue, draft, pull } = await opened();
    const { forge } = stage();
    const merged = await land(pull.number, order(draft.head));
    expect(merged).toEqual({ kind: 'merged', sha: await stage().remote.tip('main') });
    expect(await forge.pull(pull.number)).toMatchObject({ state: 'merged', mergeSha: expect.any(String) });
    expect(await land(pull.number, order(draft.head))).toMatchObject({ kind: 'merged' });
    expect(await forge.readIssue(issue)).toMatchObject({ state: 'closed', pulls: [{ state: 'merged' }] });
  });

  it('a head that moved since the review is not merged', async () => {
    const { draft, pull } = await opened();
    const { forge, remote } = stage();
    const main = await remote.tip('main');
    await remote.commit(draft.branch, 'sneaked in', { 'sneaked.txt': 'in\n' });
    await expect(land(pull.number, order(draft.head))).rejects.toMatchObject({ kind: 'stale-head' });
    expect(await remote.tip('main')).toBe(main);
    expect(await forge.pull(pull.number)).toMatchObject({ state: 'open' });
  });

  it('work that conflicts with the base is not merged', async () => {
    const { remote, forge } = stage();
    const file = `${unique('same')}.txt`;
    const issue = await stage().newIssue();
    const { key } = await drafted();
    const draft = await draftFor(remote, issue, file);
    const { value } = await forge.ensurePull(key, draft);
    const before = await remote.tip('main');
    const rival = unique('rival');
    await remote.point(rival, before);
    await remote.commit(rival, 'the same file', { [file]: 'something else\n' });
    await remote.merge(rival);
    const main = await remote.tip('main');
    await expect(forge.merge(value.number, order(draft.head))).rejects.toMatchObject({
      kind: expect.stringMatching(/^(conflict|merge-not-ready)$/), // some take seconds to know
    });
    expect(await remote.tip('main')).toBe(main);
  });

  it('a closed pull request is not merged', async () => {
    const { draft, pull } = await opened();
    const { forge } = stage();
    await forge.editPull(pull.number, { state: 'closed' });
    expect(await land(pull.number, order(draft.head))).toMatchObject({ kind: 'blocked' });
  });

  it('a required status holds a merge until it is there', async () => {
    const { forge, requireStatuses } = stage();
    if (!requireStatuses) return;
    const { draft, pull } = await opened();
    await requireStatuses(['ci/must']);
    try {
      await forge.setStatus(draft.head, { context: 'ci/may', state: 'success', text: 'ok' });
      expect(await land(pull.number, order(draft.head))).toMatchObject({
        kind: 'blocked',
        reason: expect.stringMatching(/status/i),
      });
      await forge.setStatus(draft.head, { context: 'ci/must', state: 'success', text: 'ok' });
      const { checks } = await forge.ci(draft.head, 'main');
      expect(checks).toContainEqual(expect.objectContaining({ name: 'ci/must', required: true }));
      expect(checks).toContainEqual(expect.objectContaining({ name: 'ci/may', required: false }));
      expect(await land(pull.number, order(draft.head))).toMatchObject({ kind: 'merged' });
    } finally {
      await requireStatuses([]);
    }
  });

  it('on green the forge merges by itself with the last status, or says that it cannot', async () => {
    const { forge, requireStatuses } = stage();
    const { scheduledMerge } = await forge.capabilities();
    if (!scheduledMerge || !requireStatuses) return;
    const { draft, pull } = await opened();
    await requireStatuses(['ci/must']);
    try {
      expect(await forge.merge(pull.number, order(draft.head, 'on-green'))).toEqual({ kind: 'scheduled' });
      await forge.cancelMerge(pull.number);
      expect(await forge.merge(pull.number, order(draft.head, 'on-green'))).toEqual({ kind: 'scheduled' });
      expect(await forge.pull(pull.number)).toMatchObject({ state: 'open' });
      await forge.setStatus(draft.head, { context: 'ci/must', state: 'success', text: 'ok' });
      expect(await forge.pull(pull.number)).toMatchObject({ state: 'merged' });
    } finally {
      await requireStatuses([]);
    }
  });

  it('on green is bound to the head that was reviewed', async () => {
    const { forge, remote, requireStatuses } = stage();
    const { scheduledMerge } = await forge.capabilities();
    if (!scheduledMerge || !requireStatuses) return;
    const { draft, pull } = await opened();
    await requireStatuses(['ci/must']);
    try {
      await remote.commit(draft.branch, 'sneaked in');
      await expect(forge.merge(pull.number, order(draft.head, 'on-green'))).rejects.toMatchObject({
        kind: 'stale-head',
      });
    } finally {
      await requireStatuses([]);
    }
  });

  it('taking back a merge that nobody scheduled is done already', async () => {
    const { pull } = await opened();
    await expect(stage().forge.cancelMerge(pull.number)).resolves.toBeUndefined();
  });
}
