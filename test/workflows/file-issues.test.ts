import type { Client } from '@temporalio/client';
import { expect, test } from 'vitest';
import { failure } from '../../activities/failure/failure.ts';
import type { FiledIssue, FileIssueInput } from '../../workflows/domain/plan/filing.ts';
import { filingQuery } from '../../workflows/messages.ts';
import { startFiling } from '../../workflows/starts.ts';
import { createGate, planned } from '../support/workflow/memory-activities.ts';
import { describeWorkflows } from '../support/workflow/workflow-world.ts';

const start = (client: Client, repo: string) =>
  startFiling(client, { version: 1, repo, settings: 'settings', plan: 'plan' }, { forge: 'local', summary: 'a plan' });

const chain = [planned('c', { dependencies: ['b', 'a'] }), planned('a'), planned('b', { dependencies: ['a'] })];

const keyOf = (input: unknown) => (input as FileIssueInput).key;

describeWorkflows('filing a plan', (world) => {
  test('files each issue after what it depends on, with the numbers of that', async () => {
    const ground = world.ground(chain, { pageSize: 2 });
    const filing = await start(world.client, ground.repo);
    expect(await filing.result()).toEqual({
      version: 1,
      issues: [
        { key: 'a', number: 2, url: null, state: 'open', how: 'filed' },
        { key: 'b', number: 3, url: null, state: 'open', how: 'filed' },
        { key: 'c', number: 1, url: null, state: 'open', how: 'filed' },
      ],
      missing: [],
      stopped: null,
    });
    expect(ground.memory.log).toEqual(['file a', 'file b #2', 'file c #3 #2']);
    await ground.keep('plan filed', filing);
  });

  test('leaves alone what has a number, and names it where something depends on it', async () => {
    const known: FiledIssue = { key: 'a', number: 17, url: null, state: 'closed', how: 'known' };
    const ground = world.ground(chain, { filed: { issues: [known], missing: [] } });
    const { issues } = await (await start(world.client, ground.repo)).result();
    expect(issues.map(({ key, number }) => [key, number])).toEqual([
      ['a', 17],
      ['b', 3],
      ['c', 1],
    ]);
    expect(ground.memory.log).toEqual(['file b #17', 'file c #3 #17']);
  });

  test('files nothing where the forge has no issue of a number', async () => {
    const missing = [{ key: 'a', number: 999 }];
    const ground = world.ground(chain, { filed: { issues: [], missing } });
    const filing = await start(world.client, ground.repo);
    expect(await filing.result()).toEqual({ version: 1, issues: [], missing, stopped: null });
    expect(ground.memory.log).toEqual([]);
    await ground.keep('plan with a number that leads nowhere', filing);
  });

  test('passes over what is completed, as if nothing depended on it', async () => {
    const ground = world.ground(chain, { skips: ['a'] });
    await (await start(world.client, ground.repo)).result();
    expect(ground.memory.log).toEqual(['file b', 'file c #3']);
  });

  test('waits as long as a forge asks for, and stops where it refuses, with what was filed before', async () => {
    let limited = 0;
    const ground = world.ground(chain, {
      on: (step, input) => {
        if (step === 'fileIssue' && keyOf(input) === 'a' && limited++ === 0)
          throw failure('ForgeRateLimited', 'slow down', { nextRetryDelayMs: 20 });
        if (step === 'fileIssue' && keyOf(input) === 'b') throw failure('ForgeRejected', 'label too long');
      },
    });
    const filing = await start(world.client, ground.repo);
    expect(await filing.result()).toMatchObject({
      issues: [{ key: 'a' }],
      stopped: { key: 'b', why: 'label too long' },
    });
    expect(limited).toBe(2);
    expect(ground.memory.log).toEqual(['file a']);
    await ground.keep('plan filed in part', filing);
  });

  test('stops before the first issue where the forge lets nobody look', async () => {
    const ground = world.ground(chain, {
      on: (step) => {
        if (step === 'readFiled') throw failure('ForgeRejected', 'GITHUB_TOKEN is not valid');
      },
    });
    const { stopped } = await (await start(world.client, ground.repo)).result();
    expect(stopped).toEqual({ key: null, why: 'GITHUB_TOKEN is not valid' });
  });

  test('is one run however often it is started, and tells how far it is', async () => {
    const gate = createGate();
    const ground = world.ground(chain, {
      on: async (step, input) => {
        if (step === 'fileIssue' && keyOf(input) === 'b') await gate.opened;
      },
    });
    const first = await start(world.client, ground.repo);
    await ground.until(() => ground.memory.log.includes('file a'));
    const second = await start(world.client, ground.repo);
    expect(second.firstExecutionRunId).toBe(first.firstExecutionRunId);
    expect(await first.query(filingQuery)).toMatchObject({ of: 3 });
    gate.open();
    expect((await second.result()).issues).toHaveLength(3);
    expect(await first.query(filingQuery)).toEqual({ done: 3, of: 3 });
  });
});
