import { expect, test } from 'vitest';
import { failure } from '../../../activities/failure/failure.ts';
import {
  addUpdate,
  dropUpdate,
  pauseUpdate,
  releaseUpdate,
  resumeUpdate,
  stopUpdate,
  unpauseUpdate,
  widthUpdate,
} from '../../../workflows/messages.ts';
import { byRole, needsWork, refusal } from '../../support/workflow/answers.ts';
import { createGate, hold, planned } from '../../support/workflow/memory-activities.ts';
import type { BatchHandle } from '../../../workflows/starts.ts';
import { describeWorkflows } from '../../support/workflow/workflow-world.ts';

const held = (gate: { readonly opened: Promise<void> }) => () => hold(gate.opened).then(() => ({}));
const widen = (batch: BatchHandle, width: number) => batch.executeUpdate(widthUpdate, { args: [{ width }] });
const add = (batch: BatchHandle, plan: string) => batch.executeUpdate(addUpdate, { args: [{ plan }] });
const release = (batch: BatchHandle, id: string, again?: boolean) =>
  batch.executeUpdate(releaseUpdate, { args: [{ id, ...(again === undefined ? {} : { again }) }] });
const drop = (batch: BatchHandle, id: string) => batch.executeUpdate(dropUpdate, { args: [{ id }] });

describeWorkflows('while a batch runs a person', (world) => {
  test('widens and narrows it', async () => {
    const gate = createGate();
    const ground = world.ground(
      ['a', 'b', 'c', 'd', 'e'].map((id) => planned(id)),
      { agent: held(gate) },
    );
    const batch = await ground.startBatch({ width: 1 });
    await ground.until(() => ground.memory.running().length === 1);
    expect(await widen(batch, 3)).toBe(1);
    await ground.until(() => ground.memory.running().length === 3);
    expect(await widen(batch, 1)).toBe(3);
    // What runs goes on.
    expect(ground.memory.running()).toHaveLength(3);
    expect(await ground.stands(({ waiting }) => waiting.length === 2)).toMatchObject({ width: 1 });
    for (const width of [0, 501, 1.5, Number.NaN]) {
      expect(await refusal(widen(batch, width))).toMatch(/^width must be a whole number from 1 to 500, not /);
    }
    gate.open();
    await batch.result();
    await ground.keep('batch widened and narrowed', batch);
    expect(ground.memory.most()).toBe(3);
  });

  test('pauses it: nothing starts, nothing gets its slot back, and the batch is not taken for over', async () => {
    const gate = createGate();
    const ground = world.ground([planned('a'), planned('b')], {
      agent: byRole({
        implement: held(gate),
        review: ({ issue, round }) => (issue.key === 'a' && round <= 3 ? needsWork : {}),
      }),
    });
    const batch = await ground.startBatch({ width: 1 });
    await ground.until(() => ground.memory.running().length === 1);
    expect(await batch.executeUpdate(pauseUpdate)).toBe('running');
    expect(await refusal(batch.executeUpdate(pauseUpdate))).toBe(`batch ${ground.batchName} is paused already`);
    gate.open();
    await ground.reaches('a', 'waiting (human)');
    await ground.issue('a').executeUpdate(resumeUpdate, { args: [{ message: null }] });
    await ground.reaches('a', 'waiting (slot)');
    expect(await ground.stands(({ control }) => control === 'paused')).toMatchObject({
      atRest: false,
      waiting: [{ key: 'b', why: 'the batch is paused' }],
    });
    await ground.keep('batch paused', batch);
    expect(ground.memory.log).not.toContain('prepare b');
    expect(await batch.executeUpdate(unpauseUpdate)).toBe('paused');
    expect(await refusal(batch.executeUpdate(unpauseUpdate))).toBe(`batch ${ground.batchName} is running already`);
    expect(await batch.result()).toMatchObject({ counts: { approved: 2 } });
  });

  test('stops it: what runs goes on to its end, the rest is never started', async () => {
    const gate = createGate();
    const ground = world.ground([planned('a'), planned('b')], { agent: held(gate) });
    const batch = await ground.startBatch({ width: 1 });
    await ground.until(() => ground.memory.running().length === 1);
    expect(await batch.executeUpdate(stopUpdate)).toBe('running');
    const sentence = `batch ${ground.batchName} is stopped: start another one`;
    expect(await refusal(batch.executeUpdate(unpauseUpdate))).toBe(sentence);
    expect(await refusal(batch.executeUpdate(pauseUpdate))).toBe(sentence);
    expect(await refusal(add(batch, 'more'))).toBe(sentence);
    gate.open();
    expect(await batch.result()).toMatchObject({ counts: { approved: 1, skipped: 1 } });
    await ground.keep('batch stopped', batch);
    expect(ground.memory.log).not.toContain('prepare b');
  });

  test('adds issues, which may depend on those that are there; one that is there already is left out', async () => {
    const gate = createGate();
    const ground = world.ground([planned('a')], {
      agent: held(gate),
      plans: { more: [planned('a'), planned('b', { dependencies: ['a'] }), planned('c')] },
    });
    const batch = await ground.startBatch({ width: 3 });
    await ground.until(() => ground.memory.running().length === 1);
    await add(batch, 'more');
    await ground.until(() => ground.memory.running().includes('c'));
    expect(await ground.stands(({ waiting }) => waiting.length === 1)).toMatchObject({
      plans: ['plan', 'more'],
      waiting: [{ key: 'b', why: 'waits for a (running)' }],
    });
    gate.open();
    expect(await batch.result()).toMatchObject({ counts: { approved: 3 }, plans: ['plan', 'more'] });
    await ground.keep('batch with an added plan', batch);
    expect(ground.memory.log.filter((line) => line === 'prepare a')).toHaveLength(1);
  });

  test('adds a plan that cannot be read: the batch goes on without it', async () => {
    const gate = createGate();
    const ground = world.ground([planned('a')], {
      agent: held(gate),
      on: (step, input) => {
        if (step === 'loadPlan' && (input as { readonly plan: string }).plan === 'torn')
          throw failure('RepositoryUnknown', 'no such document');
      },
    });
    const batch = await ground.startBatch();
    await ground.until(() => ground.memory.running().length === 1);
    await add(batch, 'torn');
    gate.open();
    expect(await batch.result()).toMatchObject({ counts: { approved: 1 }, plans: ['plan'] });
    await ground.keep('batch with an unreadable added plan', batch);
  });

  test('adds issues to a batch at rest, and they run', async () => {
    const ground = world.ground([planned('a'), planned('b', { dependencies: ['a'] })], {
      plans: { more: [planned('c')] },
      agent: ({ issue }) => {
        if (issue.key === 'a') throw failure('AgentCrashed', 'exit status 139', { nonRetryable: true });
        return {};
      },
    });
    const batch = await ground.startBatch();
    await ground.stands(({ atRest }) => atRest);
    await add(batch, 'more');
    await ground.until(() => ground.memory.log.includes('record c approved'));
    await ground.stands(({ atRest }) => atRest);
    // What it costs is said first, to clients of earlier versions too.
    for (const again of [undefined, false]) {
      expect(await refusal(release(batch, 'b', again))).toBe(
        'b waits for a (failed): it would be built on a base without that work; to start it all the same, say --again',
      );
    }
    expect(await release(batch, 'b', true)).toBe('b');
    expect(await batch.result()).toMatchObject({ counts: { failed: 1, approved: 2 } });
    await ground.keep('batch with a released issue', batch);
  });

  test('cancels what has not started: it never does, and what hangs on it is held with that reason', async () => {
    const gate = createGate();
    const ground = world.ground(
      [planned('a', { priority: 'high' }), planned('b'), planned('c', { dependencies: ['b'] })],
      {
        agent: held(gate),
      },
    );
    const batch = await ground.startBatch({ width: 1 });
    await ground.until(() => ground.memory.running().length === 1);
    expect(await drop(batch, 'b')).toBe('b');
    gate.open();
    expect(await ground.stands(({ atRest }) => atRest)).toMatchObject({
      waiting: [{ key: 'c', why: 'waits for b (cancelled)' }],
      dropped: ['b'],
    });
    await drop(batch, 'c');
    expect(await batch.result()).toMatchObject({ counts: { approved: 1, cancelled: 2 }, dropped: ['b', 'c'] });
    await ground.keep('batch with issues cancelled before their start', batch);
    expect(ground.memory.log.filter((line) => line.startsWith('prepare'))).toEqual(['prepare a']);
  });

  test('can only release or cancel through its batch what has not started', async () => {
    const gate = createGate();
    const ground = world.ground([planned('a')], { agent: held(gate) });
    const batch = await ground.startBatch();
    await ground.until(() => ground.memory.running().length === 1);
    for (const id of ['a', 'nobody']) {
      expect(await refusal(release(batch, id))).toBe(
        `no held issue ${id} in batch ${ground.batchName}: only one that was never started can be released`,
      );
      expect(await refusal(drop(batch, id))).toBe(
        `no issue ${id} waits in batch ${ground.batchName}: only one that was never started can be dropped`,
      );
    }
    gate.open();
    await batch.result();
  });
});
