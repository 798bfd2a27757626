import { expect, test } from 'vitest';
import { foldCi, type CiCheck } from '../../../workflows/domain/forge/ci.ts';
import type { Policy } from '../../../workflows/domain/settings.ts';
import { planned } from '../../support/workflow/memory-activities.ts';
import { policy } from '../../support/workflow/workflow-ground.ts';
import { describeWorkflows } from '../../support/workflow/workflow-world.ts';

const withCi: Policy = { ...policy, landing: 'merge', ci: { timeoutMs: 3_600_000, fixes: 2 }, announces: true };

function ci(state: CiCheck['state'], head: string) {
  const check: CiCheck = { name: 'build', source: 'check', state, required: null, url: null, job: null };
  return { ...foldCi(head, [check]), pull: { state: 'open', head, mergeSha: null } as const };
}

const after = (log: readonly string[], word: string) => log.slice(log.lastIndexOf(word) + 1);

describeWorkflows('an issue and the CI of its forge', (world) => {
  test('waits for green without a slot, then lands, and tells the forge where it stands', async () => {
    const { ground } = world;
    const g = ground([planned('a')], { ci: (head, look) => ci(look === 1 ? 'pending' : 'success', head) });
    const handle = await g.startIssue('a', { policy: withCi });
    await g.reaches('a', 'awaiting-ci');
    expect(await handle.result()).toMatchObject({ kind: 'landed', sha: 'landed-a' });
    expect(g.memory.log.filter((each) => each.startsWith('ci '))).toHaveLength(2);
    expect(g.memory.log[1]).toBe('announce a working');
    expect(after(g.memory.log, 'ci a')[0]).toBe('land a');
    await g.keep('ci waits and lands', handle);
  });

  test('red that stays red after it was started again goes to the agent, and the fix is reviewed', async () => {
    const g = world.ground([planned('a')], {
      rerun: true,
      ci: (head) => ci(head === 'a-1' ? 'failure' : 'success', head),
    });
    const handle = await g.startIssue('a', { policy: { ...withCi, rounds: 1 } });
    expect(await handle.result()).toMatchObject({ kind: 'landed', rounds: 2 });
    const told = g.memory.log.filter((each) => /^(ci|rerun|logs|fix|review|land)\b/.test(each));
    expect(told).toEqual([
      'review a', 'ci a', 'rerun a', 'ci a', 'logs a', 'fix a', 'review a', 'ci a', 'land a',
    ]); // prettier-ignore
    expect(g.memory.attempts.find(({ role }) => role === 'fix')?.ask.kind).toBe('fix-checks');
    await g.keep('ci red is fixed', handle);
  });

  test('red that no fix mends waits for a person, who may take it as it is', async () => {
    const g = world.ground([planned('a')], { ci: (head) => ci('failure', head) });
    const handle = await g.startIssue('a', { policy: { ...withCi, landing: 'none' } });
    const waiting = await g.reaches('a', 'waiting (human)');
    expect(waiting.reason).toBe('CI still fails after 2 fixes: build');
    expect(g.memory.log.filter((each) => each === 'fix a')).toHaveLength(2);
    expect(g.memory.log.filter((each) => each === 'logs a')).toHaveLength(3);
    await handle.executeUpdate('accept', { args: [{ reason: 'known to be flaky' }] });
    expect(await handle.result()).toMatchObject({ kind: 'approved' });
    expect(g.memory.log).toContain('announce a waiting');
    await g.keep('ci red asks a person', handle);
  });

  test('where the forge merges on green it is asked at once, and its merge is the landing', async () => {
    const g = world.ground([planned('a')], {
      land: (_, time) => (time === 1 ? { kind: 'scheduled' } : { kind: 'landed', sha: 'merged-by-forge' }),
      ci: (head, look) =>
        look === 1
          ? ci('pending', head)
          : { ...ci('success', head), pull: { state: 'merged', head, mergeSha: 'merged-by-forge' } },
    });
    const handle = await g.startIssue('a', { policy: { ...withCi, landing: 'auto-merge' } });
    expect(await handle.result()).toMatchObject({ kind: 'landed', sha: 'merged-by-forge' });
    const told = g.memory.log.filter((each) => /^(ci|land)\b/.test(each));
    expect(told).toEqual(['land a', 'ci a', 'ci a', 'land a']); // the second settles what the merge left
    await g.keep('ci merges on green and is settled', handle);
  });

  test('a merge that was taken back, since somebody had pushed, is asked for again', async () => {
    const other = (head: string) => ({
      ...ci('pending', head),
      pull: { state: 'open', head: 'theirs', mergeSha: null } as const,
    });
    const g = world.ground([planned('a')], {
      land: (_, time) => (time < 3 ? { kind: 'scheduled' } : { kind: 'landed', sha: 'merged-by-forge' }),
      ci: (head, look) =>
        look === 1
          ? other(head)
          : { ...ci('success', head), pull: { state: 'merged', head, mergeSha: 'merged-by-forge' } },
    });
    const handle = await g.startIssue('a', { policy: { ...withCi, landing: 'auto-merge' } });
    const waiting = await g.reaches('a', 'waiting (human)');
    expect(waiting.reason).toMatch(/its branch is at theirs, not at the reviewed .*: somebody pushed to it/);
    await handle.executeUpdate('resume', { args: [{ message: null }] });
    expect(await handle.result()).toMatchObject({ kind: 'landed' });
    const told = g.memory.log.filter((each) => /^(ci|land)\b/.test(each));
    expect(told).toEqual(['land a', 'ci a', 'land a', 'ci a', 'land a']);
    await g.keep('ci merge is asked for again', handle);
  });

  test('a cancel ends the wait', async () => {
    const g = world.ground([planned('a')], { ci: (head) => ci('pending', head) });
    const handle = await g.startIssue('a', { policy: withCi });
    await g.reaches('a', 'awaiting-ci');
    await handle.cancel();
    expect(await handle.result()).toMatchObject({ kind: 'cancelled' });
  });
});
