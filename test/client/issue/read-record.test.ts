import { expect, test } from 'vitest';
import { createRecordReader } from '../../../client/issue/read-record.ts';
import { waitedMs } from '../../../client/issue/objections.ts';
import { resumeUpdate } from '../../../workflows/messages.ts';
import { byRole, needsWork } from '../../support/workflow/answers.ts';
import { hold, planned } from '../../support/workflow/memory-activities.ts';
import { policy } from '../../support/workflow/workflow-ground.ts';
import { describeWorkflows } from '../../support/workflow/workflow-world.ts';

describeWorkflows('the record of an issue', (world) => {
  test('has every step of its run once and in order, however it is read, with reviews, checks and waiting', async () => {
    let reviews = 0;
    let checks = 0;
    const ground = world.ground([planned('a')], {
      agent: byRole({ review: () => (++reviews <= 1 ? needsWork : {}) }),
      checks: () => ++checks !== 1,
    });
    const issue = await ground.startIssue('a', { policy: { ...policy, rounds: 1 } });
    await ground.reaches('a', 'waiting (human)');
    const run = { workflowId: issue.workflowId, runId: (await issue.describe()).runId };
    const reader = createRecordReader(world.client);
    const half = (await reader.read(run))!;
    expect(half.steps.map(({ stage }) => stage)).toEqual([
      'preparing',
      'implementing',
      'checking',
      'fixing',
      'checking',
      'publishing',
      'reviewing',
      'waiting (human)',
    ]);
    expect(half.steps.at(-1)).toMatchObject({
      outcome: 'needs-manual-review',
      reason: 'review still needs work after 1 round',
      round: 1,
      pullRequest: 1,
    });
    expect(half.checks.map(({ passed }) => passed)).toEqual([false, true]);
    expect(half.reviews).toMatchObject([{ round: 1, verdict: 'needs-work' }]);
    const waitsSince = half.steps.at(-1)!.at.getTime();
    expect(waitedMs(half, waitsSince + 5_000)).toBe(5_000);

    await issue.executeUpdate(resumeUpdate, { args: [{ message: null }] });
    const outcome = await issue.result();
    const whole = (await reader.read(run))!;
    // Read bit by bit and read at once are the same.
    expect(await createRecordReader(world.client).read(run)).toEqual(whole);
    expect(whole.steps.slice(0, half.steps.length)).toEqual(half.steps);
    const numbers = whole.steps.map(({ event }) => event);
    expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
    expect(whole.steps.slice(half.steps.length).map(({ stage }) => stage)).toEqual([
      'waiting (slot)',
      'fixing',
      'checking',
      'publishing',
      'reviewing',
      'done',
    ]);
    expect(whole.steps.at(-1)).toMatchObject({ outcome: 'approved', reason: 'approved by review' });
    expect(whole.attempts.map(({ number, role, result }) => [number, role, result?.end.kind])).toEqual([
      [1, 'implement', 'worked'],
      [2, 'fix', 'worked'],
      [3, 'review', 'reviewed'],
      [4, 'fix', 'worked'],
      [5, 'review', 'reviewed'],
    ]);
    // The workflow keeps the same account of its waiting as its history.
    expect(outcome.waitedMs).toBeGreaterThan(0);
    expect(outcome.waitedMs).toBeLessThan(outcome.durationMs);
    expect(outcome.pushed).toBe(outcome.sha);
  });

  test('tells of a run that was terminated, and knows nothing of one that is not there', async () => {
    const ground = world.ground([planned('b')], { agent: () => hold().then(() => ({})) });
    const issue = await ground.startIssue('b');
    await ground.reaches('b', 'implementing');
    const { runId } = await issue.describe();
    await issue.terminate('by hand');
    const reader = createRecordReader(world.client);
    const record = await reader.read({ workflowId: issue.workflowId, runId });
    expect(record!.steps.at(-1)).toMatchObject({
      stage: 'done',
      outcome: 'failed',
      reason: 'its workflow ended as terminated',
    });
    expect(record!.attempts).toMatchObject([{ number: 1, endedAt: null, result: null }]);
    expect(await reader.read({ workflowId: issue.workflowId, runId: crypto.randomUUID() })).toBeNull();
  });
});
