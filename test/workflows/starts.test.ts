import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { expect, expectTypeOf, test } from 'vitest';
import type { BatchResult } from '../../workflows/domain/batch/batch.ts';
import type { Outcome } from '../../workflows/domain/outcome.ts';
import type { Filing } from '../../workflows/domain/plan/filing.ts';
import { issueWorkflowId } from '../../workflows/ids.ts';
import {
  batchHandle,
  batchInputOf,
  issueHandle,
  runCleanup,
  startBatch,
  startFiling,
  startIssue,
  type BatchHandle,
  type FilingHandle,
  type IssueHandle,
} from '../../workflows/starts.ts';
import { createGate, hold, planned } from '../support/workflow/memory-activities.ts';
import { describeWorkflows } from '../support/workflow/workflow-world.ts';

test('results have the types of their workflows', () => {
  expectTypeOf<Awaited<ReturnType<BatchHandle['result']>>>().toEqualTypeOf<BatchResult>();
  expectTypeOf<Awaited<ReturnType<IssueHandle['result']>>>().toEqualTypeOf<Outcome>();
  expectTypeOf<Awaited<ReturnType<FilingHandle['result']>>>().toEqualTypeOf<Filing>();
});

describeWorkflows('a workflow', (world) => {
  test('of a batch is found by its id, with what it was started with, and starts once', async () => {
    const gate = createGate();
    const ground = world.ground([planned('a')], { agent: () => hold(gate.opened).then(() => ({})) });
    await ground.startBatch({ width: 3 });
    const found = batchHandle(world.client, ground.batchName);
    const description = await found.describe();
    const input = batchInputOf(description);
    expect(input).toMatchObject({ batch: ground.batchName, repo: ground.repo, width: 3 });
    const again = await startBatch(world.client, { ...input, width: 9 }, 'once more');
    expect(again.firstExecutionRunId).toBe(description.runId);
    gate.open();
    expect((await again.result()).counts).toEqual({ approved: 1 });
  });

  test('of an issue is refused while it is open, and is another run afterwards', async () => {
    const gate = createGate();
    const ground = world.ground([planned('a')], { agent: () => hold(gate.opened).then(() => ({})) });
    const first = await ground.startIssue();
    await expect(startIssue(world.client, ground.issueInput())).rejects.toThrow(WorkflowExecutionAlreadyStartedError);
    gate.open();
    expect((await first.result()).kind).toBe('approved');
    const second = await ground.startIssue();
    const newest = issueHandle(world.client, { workflowId: issueWorkflowId(ground.repo, 'a') });
    expect((await newest.describe()).runId).not.toBe((await first.describe()).runId);
    expect(await newest.result()).toEqual(await second.result());
  });

  test('that cleans up a host ends with what it did', async () => {
    const input = { version: 1, host: 'memory', dryRun: true } as const;
    expect(await runCleanup(world.client, input)).toEqual({ version: 1, items: [] });
  });

  test('that files a plan is found by a second start', async () => {
    const gate = createGate();
    const ground = world.ground([planned('a')], {
      on: async (step) => void (step === 'fileIssue' && (await gate.opened)),
    });
    const start = () =>
      startFiling(
        world.client,
        { version: 1, repo: ground.repo, settings: 'settings', plan: 'plan' },
        { forge: 'local', summary: '1 task to an issue' },
      );
    const [first, second] = [await start(), await start()];
    expect(second.firstExecutionRunId).toBe(first.firstExecutionRunId);
    gate.open();
    expect((await second.result()).issues).toHaveLength(1);
  });
});
