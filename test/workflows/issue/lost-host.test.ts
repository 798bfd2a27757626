import type { Client } from '@temporalio/client';
import { expect, test, vi } from 'vitest';
import type { PrepareInput, Prepared } from '../../../workflows/domain/attempt.ts';
import { planned, type StepName } from '../../support/workflow/memory-activities.ts';
import type { IssueHandle } from '../../../workflows/starts.ts';
import { describeWorkflows } from '../../support/workflow/workflow-world.ts';

const a = [planned('a')];

describeWorkflows('a host that is lost', (world) => {
  test('loses the issue to another one, which rebuilds the worktree at the newest work', async () => {
    const prepared: PrepareInput[] = [];
    const ground = world.ground(a, {
      prepare: async (input) => {
        prepared.push(input);
        return prepared.length === 1 ? readyOn('gone') : readyOn('memory');
      },
    });
    const issue = await ground.startIssue();
    await giveUpSoon(world.client, { issue, step: 'runAgent' });
    expect(await issue.result()).toMatchObject({ kind: 'approved', attempts: 2, sha: 'a-1' });
    await ground.keep('approved after a lost host', issue);
    expect(prepared.map((each) => each.resume)).toEqual([null, { branch: 'millrace/a', head: 'base' }]);
    expect(ground.memory.log.filter((line) => line === 'implement a')).toHaveLength(1);
  });

  test.each<[string, Prepared]>([
    ['held', { kind: 'held', reason: 'no base any more' }],
    ['skipped', { kind: 'skipped', reason: 'no base any more', satisfies: false, pullRequest: null, sha: null }],
  ])('fails the issue where no other one can go on with it, and says why: %s', async (kind, answer) => {
    let calls = 0;
    const ground = world.ground(a, { prepare: async () => (++calls === 1 ? readyOn('gone') : answer) });
    const issue = await ground.startIssue();
    await giveUpSoon(world.client, { issue, step: 'runAgent' });
    // It left a worktree there, if the host ever comes back: its janitor's business.
    await giveUpSoon(world.client, { issue, step: 'removeWorktree' });
    expect(await issue.result()).toMatchObject({
      kind: 'failed',
      reason: 'implementing: host gone is lost, and no other host goes on with it: no base any more',
    });
    if (kind === 'held') await ground.keep('failed after a lost host', issue);
  });
});

function readyOn(host: string): Prepared {
  return {
    kind: 'ready',
    host,
    title: 'A',
    branch: 'millrace/a',
    base: { branch: 'main', sha: 'base', start: 'base' },
    attempt: 1,
    pullRequest: null,
  };
}

/** Nobody takes the steps of that host; a test cannot wait for 5 minutes, so the server is told to give up after one second. */
async function giveUpSoon(client: Client, on: { issue: IssueHandle; step: StepName }): Promise<void> {
  const { issue, step } = on;
  const activityId = await vi.waitFor(
    async () => {
      const pending = (await issue.describe()).raw.pendingActivities?.find((each) => each.activityType?.name === step);
      if (!pending?.activityId) throw new Error(`${step} is not asked for yet`);
      return pending.activityId;
    },
    { timeout: 120_000, interval: 40 },
  );
  await client.workflowService.updateActivityOptions({
    namespace: client.options.namespace,
    execution: { workflowId: issue.workflowId },
    id: activityId,
    activityOptions: { scheduleToStartTimeout: { seconds: 1 as never } },
    updateMask: { paths: ['schedule_to_start_timeout'] },
  });
}
