import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { failure } from '../../activities/failure.ts';
import { planned } from '../support/memory-activities.ts';
import { policy } from '../support/workflow-ground.ts';
import { hasTemporal, startWorkflowWorld, type WorkflowWorld } from '../support/workflow-world.ts';

describe.skipIf(!hasTemporal)('an issue ends as', () => {
  let world: WorkflowWorld;
  beforeAll(async () => {
    world = await startWorkflowWorld();
  });
  afterEach(() => world.settle());
  afterAll(() => world.stop());

  test('approved, with every step once and in order, when all goes well', async () => {
    const ground = world.ground([planned('a')]);
    const issue = await ground.startIssue();
    const outcome = await issue.result();
    await ground.keep('approved', issue);
    expect(outcome).toMatchObject({
      kind: 'approved',
      branch: 'millrace/a',
      pullRequest: 1,
      sha: 'a-1',
      ref: 'refs/millrace/a/1',
      rounds: 1,
      attempts: 2,
    });
    expect(ground.memory.log.slice(0, 7)).toEqual([
      'prepare a',
      'implement a',
      'check a',
      'publish a a-1',
      'pull a',
      'review a',
      'post a 1',
    ]);
    expect(ground.memory.log.slice(7).sort()).toEqual(['record a approved', 'remove a']);
  });
});
