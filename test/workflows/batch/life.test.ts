import { ApplicationFailure } from '@temporalio/common';
import { expect, test, vi } from 'vitest';
import type { BatchInput, Carried } from '../../../workflows/domain/batch/batch.ts';
import { byRole, limited, needsWork } from '../../support/workflow/answers.ts';
import { createGate, hold, planned } from '../../support/workflow/memory-activities.ts';
import type { IssueHandle } from '../../../workflows/starts.ts';
import { describeWorkflows } from '../../support/workflow/workflow-world.ts';

const held = (gate: { readonly opened: Promise<void> }) => () => hold(gate.opened).then(() => ({}));

function carried(standings: string, facts: Partial<Carried> = {}): Partial<BatchInput> {
  return {
    carried: { standings, released: [], work: [], spentUsd: 0, control: 'running', parked: {}, startedAt: 0, ...facts },
  };
}

describeWorkflows('a batch', (world) => {
  test('that is cancelled ends every issue of it, also those that wait, and only then itself', async () => {
    const ground = world.ground(
      [planned('works'), planned('asks'), planned('parked'), planned('never', { dependencies: ['works'] })],
      {
        agent: byRole({
          implement: ({ issue, profile }) => {
            if (issue.key === 'works') return hold().then(() => ({}));
            return issue.key === 'parked' ? limited(Date.now() + 3_600_000) : { summary: profile };
          },
          review: () => needsWork,
        }),
      },
    );
    const batch = await ground.startBatch({ width: 3 });
    await ground.reaches('asks', 'waiting (human)');
    await ground.reaches('parked', 'waiting (quota)');
    await ground.until(() => ground.memory.running().includes('works'));
    await batch.cancel();
    expect(await batch.result()).toMatchObject({ counts: { cancelled: 4 } });
    await ground.keep('batch cancelled', batch);
    for (const key of ['works', 'asks', 'parked']) {
      // Closed before the batch was: asked without a wait.
      expect((await ground.issue(key).describe()).status.name).toBe('COMPLETED');
      expect((await ground.issue(key).result()).kind).toBe('cancelled');
      expect(ground.memory.log).toContain(`remove ${key}`);
    }
    expect(ground.memory.running()).toEqual([]);
    expect(ground.memory.log).not.toContain('prepare never');
  });

  test('that is cancelled while it reads its plan starts nothing', async () => {
    let reading = false;
    const ground = world.ground([planned('a')], {
      on: async (step) => {
        if (step !== 'loadPlan') return;
        reading = true;
        await hold();
      },
    });
    const batch = await ground.startBatch();
    await ground.until(() => reading);
    await batch.cancel();
    expect(await batch.result()).toMatchObject({ counts: {} });
    await ground.keep('batch cancelled while reading', batch);
  });

  test('goes on when one of its issues is cancelled', async () => {
    const gate = createGate();
    const ground = world.ground([planned('a'), planned('b'), planned('c')], { agent: held(gate) });
    const batch = await ground.startBatch({ width: 2 });
    await ground.until(() => ground.memory.running().length === 2);
    await ground.issue('a').cancel();
    await ground.until(() => ground.memory.running().includes('c'));
    gate.open();
    expect(await batch.result()).toMatchObject({ counts: { cancelled: 1, approved: 2 } });
    await ground.keep('batch with a cancelled issue', batch);
    expect(ground.memory.most()).toBe(2);
  });

  test('settles an issue as failed that is terminated by hand, and goes on', async () => {
    const gate = createGate();
    const ground = world.ground([planned('a'), planned('b'), planned('c', { dependencies: ['a'] })], {
      agent: held(gate),
    });
    const batch = await ground.startBatch({ width: 1 });
    await ground.until(() => ground.memory.running().includes('a'));
    await ground.issue('a').terminate('by hand');
    await ground.until(() => ground.memory.running().includes('b'));
    gate.open();
    expect(await ground.stands(({ atRest }) => atRest)).toMatchObject({
      waiting: [{ key: 'c', why: 'waits for a (failed)' }],
    });
    await ground.keep('batch with a terminated issue', batch);
  });

  test('settles an issue as failed whose workflow fails by a bug', async () => {
    const ground = world.ground([planned('a'), planned('b')], {
      on: (step, input) => {
        const { issue } = input as { readonly issue?: { readonly key: string } };
        if (step !== 'runChecks' || issue?.key !== 'a') return;
        const bug = ApplicationFailure.nonRetryable('undefined is no function', 'TypeError');
        bug.stack = '';
        throw bug;
      },
    });
    expect(await (await ground.startBatch()).result()).toMatchObject({ counts: { failed: 1, approved: 1 } });
  });

  test('that continued as new looks first: what was terminated meanwhile told nobody', async () => {
    const ground = world.ground([planned('gone'), planned('next', { dependencies: ['done'] }), planned('done')]);
    const batch = await ground.startBatch(carried('r.a', { work: [[2, 'theirs', 9]], spentUsd: 3 }));
    expect(await batch.result()).toMatchObject({ counts: { failed: 1, approved: 2 }, costUsd: 3 });
    await ground.keep('batch that carried on', batch);
    expect(ground.memory.log.filter((line) => line.startsWith('prepare'))).toEqual(['prepare next']);
  });

  test('that continued as new hears of the issues that an earlier run had started', async () => {
    const gate = createGate();
    const ground = world.ground([planned('a'), planned('b', { dependencies: ['a'] })], { agent: held(gate) });
    await ground.startIssue('a');
    await ground.until(() => ground.memory.running().includes('a'));
    const batch = await ground.startBatch(carried('r.'));
    await ground.stands(({ waiting }) => waiting.length === 1);
    gate.open();
    expect(await batch.result()).toMatchObject({ counts: { approved: 2 } });
  });

  test('that is cancelled looks whether what it waits for is there at all', async () => {
    const ground = world.ground([planned('a')], { agent: byRole({ review: () => needsWork }) });
    await ground.startIssue('a');
    await ground.reaches('a', 'waiting (human)');
    const batch = await ground.startBatch({ ...carried('m'), plans: ['plan', 'more'], width: 1 });
    await ground.stands(({ waiting }) => waiting.length === 0);
    await ground.issue('a').terminate('by hand');
    await batch.cancel();
    expect(await batch.result()).toMatchObject({ counts: { cancelled: 1 } });
  });

  test('adopts an issue that another batch runs: both hear how it ends, one slot and one agent', async () => {
    const gate = createGate();
    const ground = world.ground([planned('a')], { agent: held(gate) });
    const first = await ground.startBatch();
    await ground.until(() => ground.memory.running().includes('a'));
    const second = await ground.startBatch({ batch: `${ground.repo}-second` });
    await adopted(ground.issue('a'));
    gate.open();
    expect(await first.result()).toMatchObject({ counts: { approved: 1 }, adopted: [] });
    expect(await second.result()).toMatchObject({ counts: { approved: 1 }, adopted: ['a'], costUsd: 0 });
    await ground.keep('batch that adopts', second);
    await ground.keep('approved for two batches', ground.issue('a'));
    expect(ground.memory.log.filter((line) => line === 'implement a')).toHaveLength(1);
  });

  test('adopts an issue that waits for a person: it hears so at once', async () => {
    const ground = world.ground([planned('a')], { agent: byRole({ review: () => needsWork }) });
    await ground.startBatch();
    await ground.reaches('a', 'waiting (human)');
    const second = await ground.startBatch({ batch: `${ground.repo}-second` });
    expect(await second.result()).toMatchObject({ counts: { 'needs-manual-review': 1 }, adopted: ['a'] });
  });

  test('that is cancelled leaves alone what another batch had started', async () => {
    const gate = createGate();
    const ground = world.ground([planned('a')], { agent: held(gate) });
    const first = await ground.startBatch();
    await ground.until(() => ground.memory.running().includes('a'));
    const second = await ground.startBatch({ batch: `${ground.repo}-second` });
    await adopted(ground.issue('a'));
    await second.cancel();
    expect(await second.result()).toMatchObject({ counts: { cancelled: 1 } });
    gate.open();
    expect(await first.result()).toMatchObject({ counts: { approved: 1 } });
  });

  test('that adopts an issue which cleans up after a cancel gets an answer, and the issue its outcome', async () => {
    const gate = createGate();
    let cleaning = false;
    const ground = world.ground([planned('a')], {
      agent: byRole({ review: () => needsWork }),
      on: async (step) => {
        if (step !== 'removeWorktree') return;
        cleaning = true;
        await hold(gate.opened);
      },
    });
    await ground.startBatch();
    await ground.reaches('a', 'waiting (human)');
    await ground.issue('a').cancel();
    await ground.until(() => cleaning);
    const second = await ground.startBatch({ batch: `${ground.repo}-second` });
    expect(await second.result()).toMatchObject({ adopted: ['a'] });
    gate.open();
    expect((await ground.issue('a').result()).kind).toBe('cancelled');
    await ground.keep('cancelled while another batch adopts', ground.issue('a'));
  });

  test('goes on without a slot when its batch is over: a person can resume what it left', async () => {
    let reviews = 0;
    const ground = world.ground([planned('a')], { agent: byRole({ review: () => (++reviews <= 3 ? needsWork : {}) }) });
    const batch = await ground.startBatch();
    expect(await batch.result()).toMatchObject({ counts: { 'needs-manual-review': 1 } });
    await ground.keep('batch that leaves an issue to a person', batch);
    await ground.issue('a').executeUpdate('resume', { args: [{ message: null }] });
    expect((await ground.issue('a').result()).kind).toBe('approved');
    await ground.keep('approved after its batch', ground.issue('a'));
  });
});

/** Waits until an issue has heard that another batch waits for it too. */
async function adopted(issue: IssueHandle): Promise<void> {
  await vi.waitFor(
    async () => {
      const { events } = await issue.fetchHistory();
      const signals = events?.map((event) => event.workflowExecutionSignaledEventAttributes?.signalName);
      if (!signals?.includes('adopt')) throw new Error('nobody adopted it yet');
    },
    { timeout: 120_000, interval: 40 },
  );
}
