import { expect, test } from 'vitest';
import type { AttemptInput } from '../../../workflows/domain/attempt.ts';
import type { Stage } from '../../../workflows/domain/stage.ts';
import { attributes } from '../../../workflows/ids.ts';
import { byRole, limited, needsWork } from '../../support/workflow/answers.ts';
import { hold, planned, type StepName } from '../../support/workflow/memory-activities.ts';
import { policy } from '../../support/workflow/workflow-ground.ts';
import { describeWorkflows } from '../../support/workflow/workflow-world.ts';

const a = [planned('a')];
const direct = { policy: { ...policy, landing: 'direct' as const } };

/** A stage, and the step in which an issue is held there. */
const stages: readonly [Stage, StepName, AttemptInput['role']?][] = [
  ['preparing', 'prepareIssue'],
  ['implementing', 'runAgent', 'implement'],
  ['checking', 'runChecks'],
  ['publishing', 'publishWork'],
  ['reviewing', 'runAgent', 'review'],
  ['reviewing', 'postReview'],
  ['fixing', 'runAgent', 'fix'],
  ['landing', 'landPullRequest'],
];

describeWorkflows('a cancel', (world) => {
  test.each(stages)('while an issue is %s (%s) ends it as cancelled and cleans up', async (stage, step, role) => {
    let held = 0;
    const ground = world.ground(a, {
      agent: byRole({ review: ({ round }) => (round === 1 && stage === 'fixing' ? needsWork : {}) }),
      on: async (name, input) => {
        if (name !== step || (role && (input as AttemptInput).role !== role)) return;
        held++;
        await hold();
      },
    });
    const issue = await ground.startIssue('a', stage === 'landing' ? direct : {});
    await ground.reaches('a', stage);
    await ground.until(() => held === 1);
    await issue.cancel();
    expect(await issue.result()).toMatchObject({ kind: 'cancelled', reason: 'cancelled by a person' });
    await ground.keep(`cancelled while ${stage} ${step}`, issue);
    const after = ground.memory.log.slice(-2).sort();
    expect(after).toEqual(stage === 'preparing' ? ['record a cancelled'] : ['record a cancelled', 'remove a']);
    expect(ground.memory.running()).toEqual([]);
    const { typedSearchAttributes } = await issue.describe();
    expect(typedSearchAttributes.get(attributes.outcome)).toBe('cancelled');
  });

  test('while an issue waits for a person ends it', async () => {
    const ground = world.ground(a, { agent: byRole({ review: () => needsWork }) });
    const issue = await ground.startIssue();
    await ground.reaches('a', 'waiting (human)');
    await issue.cancel();
    expect(await issue.result()).toMatchObject({ kind: 'cancelled', sha: 'a-5', pullRequest: 1 });
    await ground.keep('cancelled while waiting for a person', issue);
  });

  test('while an issue waits for quota ends it', async () => {
    const ground = world.ground(a, { agent: () => limited(Date.now() + 3_600_000) });
    const issue = await ground.startIssue();
    await ground.reaches('a', 'waiting (quota)');
    await issue.cancel();
    expect((await issue.result()).kind).toBe('cancelled');
    await ground.keep('cancelled while waiting for quota', issue);
  });

  test('that comes while an issue cleans up does not stop that, nor change how it ended', async () => {
    let held = 0;
    let release = () => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    const ground = world.ground(a, {
      on: async (step) => {
        if (step !== 'removeWorktree') return;
        held++;
        await hold(released);
      },
    });
    const issue = await ground.startIssue();
    await ground.until(() => held === 1);
    await issue.cancel();
    release();
    expect((await issue.result()).kind).toBe('approved');
    await ground.keep('approved although cancelled while cleaning up', issue);
    expect(ground.memory.log).toContain('remove a');
  });
});
