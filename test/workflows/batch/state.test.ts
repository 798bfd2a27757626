import { describe, expect, test } from 'vitest';
import { createBatchState, type BatchState } from '../../../workflows/batch/state.ts';
import type { BatchInput, Settled } from '../../../workflows/domain/batch/batch.ts';
import type { PlanIssue } from '../../../workflows/domain/issue.ts';
import { planned } from '../../support/workflow/memory-activities.ts';
import { policy, withBudget } from '../../support/workflow/workflow-ground.ts';

const input: BatchInput = {
  version: 1,
  batch: 'b',
  repo: 'r',
  settings: 's',
  plans: ['plan'],
  forge: 'local',
  width: 2,
  policy,
  carried: null,
};

function stateOf(issues: readonly PlanIssue[], facts: Partial<BatchInput> = {}): BatchState {
  const state = createBatchState({ ...input, ...facts });
  state.window.add({ plan: 'plan', issues, skips: [] });
  state.window.begin();
  return state;
}

const settled = (key: string, kind: Settled['kind'], facts: Partial<Settled> = {}): Settled => ({
  key,
  kind,
  satisfies: true,
  sha: null,
  pullRequest: null,
  costUsd: 0,
  ...facts,
});

/** Takes every slot that can be had. */
function takeAll(state: BatchState): string[] {
  const taken: string[] = [];
  for (let index = state.window.takeReady(); index !== undefined; index = state.window.takeReady())
    taken.push(state.window.keyOf(index));
  return taken;
}

describe('what a plan leaves out', () => {
  const issues = [
    planned('merged'),
    planned('stranger'),
    planned('after-merged', { dependencies: ['merged'] }),
    planned('after-stranger', { dependencies: ['stranger'] }),
  ];

  test('lets its dependents start, unless the plan says that it is not done', () => {
    const state = createBatchState(input);
    state.window.add({ plan: 'plan', issues, skips: [{ key: 'merged' }, { key: 'stranger', satisfies: false }] });
    state.window.begin();
    expect(takeAll(state)).toEqual(['after-merged']);
    expect(state.told.status().waiting).toMatchObject([{ key: 'after-stranger', why: 'waits for stranger (unmet)' }]);
    expect(state.told.counts()).toMatchObject({ skipped: 1, unmet: 1 });
    state.window.settle(settled('after-merged', 'approved'));
    expect(state.window.isAtRest()).toBe(true);
    expect(state.steering.release('after-stranger')).toBe(true);
    expect(takeAll(state)).toEqual(['after-stranger']);
    expect(state.told.result().counts).toMatchObject({ skipped: 3 });
  });

  test('and what was approved of an issue goes into its workflow', () => {
    const pin = { textHash: 'a'.repeat(64), readAt: '2026-11-26T10:00:00.000Z' };
    const state = stateOf([planned('1', { pin }), planned('2')]);
    expect(state.window.issueInput(0).pin).toEqual(pin);
    expect(state.window.issueInput(1)).not.toHaveProperty('pin');
  });
});

describe('a batch is over', () => {
  test('when nothing is queued and nothing works, whatever waits for a person', () => {
    const state = stateOf([planned('a')]);
    expect(state.window.isOver()).toBe(false);
    takeAll(state);
    expect(state.window.isOver()).toBe(false);
    state.window.settle(settled('a', 'manual'));
    expect(state.window.isOver()).toBe(true);
    state.window.wantSlot('a');
    expect(state.window.isOver()).toBe(false);
  });

  test('not while an issue waits for quota, nor before an added plan is read', () => {
    const state = stateOf([planned('a')]);
    takeAll(state);
    state.window.settle(settled('a', 'parked'));
    expect(state.window.isOver()).toBe(false);
    state.window.settle(settled('a', 'approved'));
    expect(state.window.isOver()).toBe(true);
    state.steering.addPlan('more');
    expect(state.window.isOver()).toBe(false);
  });

  test('when it was stopped and what ran has ended', () => {
    const state = stateOf([planned('a'), planned('b', { dependencies: ['a'] })]);
    takeAll(state);
    state.steering.setControl('stopped');
    expect(state.window.isOver()).toBe(false);
    state.window.settle(settled('a', 'failed'));
    expect(state.window.isOver()).toBe(true);
    expect(state.told.result().counts).toEqual({ failed: 1, skipped: 1 });
  });
});

describe('a batch is at rest', () => {
  test('when only a person can make something start', () => {
    const state = stateOf([planned('a'), planned('b', { dependencies: ['a'] })]);
    expect(state.window.isAtRest()).toBe(false);
    takeAll(state);
    expect(state.window.isAtRest()).toBe(false);
    state.window.settle(settled('a', 'manual'));
    expect(state.window.isAtRest()).toBe(true);
    expect(state.told.newStage()).toBe('waiting (human)');
    expect(state.told.newStage()).toBeNull();
    expect(state.steering.release('b')).toBe(true);
    expect(state.window.isAtRest()).toBe(false);
    expect(takeAll(state)).toEqual(['b']);
  });

  test('not while it is paused, and not before its plans are read', () => {
    const state = createBatchState(input);
    expect(state.window.isAtRest()).toBe(false);
    state.window.begin();
    expect(state.window.isAtRest()).toBe(true);
    state.steering.setControl('paused');
    expect(state.window.isAtRest()).toBe(false);
  });

  test('when its budget is spent, although something is ready', () => {
    const state = stateOf([planned('a'), planned('b')], {
      width: 1,
      policy: withBudget({ batch: { costUsd: 1, tokens: null } }),
    });
    takeAll(state);
    state.window.settle(settled('a', 'approved', { costUsd: 1 }));
    expect(takeAll(state)).toEqual([]);
    expect(state.window.isAtRest()).toBe(true);
  });

  test('not while the quota of its profile is used up: it goes on by itself', () => {
    const state = stateOf([planned('a')]);
    state.account.park({ profile: 'main', until: Date.now() + 60_000 });
    expect(takeAll(state)).toEqual([]);
    expect(state.window.isAtRest()).toBe(false);
    state.account.park({ profile: 'main', until: Date.now() + 1 });
    expect(state.account.quotaUntil()).toBeGreaterThan(Date.now() + 50_000);
    state.account.park({ profile: 'main', until: 0 });
    expect(takeAll(state)).toEqual(['a']);
  });
});

describe('an issue', () => {
  test('that told how it ended is not called lost afterwards', () => {
    const state = stateOf([planned('a')]);
    takeAll(state);
    state.window.settle(settled('a', 'cancelled'));
    state.window.lost(0);
    expect(state.told.counts()).toEqual({ cancelled: 1 });
  });

  test('that is gone without a word has failed, and in a cancelled batch it is cancelled', () => {
    const state = stateOf([planned('a'), planned('b'), planned('c')]);
    expect(takeAll(state)).toEqual(['a', 'b']);
    state.window.lost(0);
    expect(state.told.counts()).toEqual({ failed: 1, running: 1, queued: 1 });
    state.window.cancel();
    expect(state.told.counts()).toEqual({ failed: 1, running: 1, cancelled: 1 });
    state.window.lost(1);
    expect(state.window.open()).toEqual([]);
    expect(state.told.result().counts).toEqual({ failed: 1, cancelled: 2 });
  });

  test('that nobody answered is closed: a cancel does not wait for it', () => {
    const state = stateOf([planned('a')]);
    takeAll(state);
    state.window.settle(settled('a', 'manual'));
    expect(state.window.open()).toEqual([0]);
    state.window.settle(settled('a', 'needs-manual-review'));
    expect(state.window.open()).toEqual([]);
    expect(state.told.result().counts).toEqual({ 'needs-manual-review': 1 });
  });

  test('that another batch had started is not cancelled with this one', () => {
    const state = stateOf([planned('a')]);
    takeAll(state);
    state.window.adopt(0);
    state.window.cancel();
    expect(state.window.open()).toEqual([]);
    expect(state.told.result()).toMatchObject({ counts: { cancelled: 1 }, adopted: ['a'] });
  });

  test('of no batch changes nothing', () => {
    const state = stateOf([planned('a')]);
    state.window.settle(settled('stranger', 'approved', { costUsd: 5 }));
    state.window.wantSlot('stranger');
    expect(state.told.facts().spentUsd).toBe(0);
    expect(state.told.counts()).toEqual({ queued: 1 });
  });
});

describe('what a batch carries over', () => {
  const issues = [
    planned('done'),
    planned('works'),
    planned('next', { dependencies: ['done'] }),
    planned('held', { dependencies: ['works'] }),
    planned('asks'),
    planned('spare'),
    planned('left'),
  ];

  test('is all that it knows: the next run goes on as if it were the same', () => {
    const before = stateOf(issues, { width: 4 });
    expect(takeAll(before)).not.toContain('left');
    before.window.adopt(1);
    before.window.settle(settled('done', 'approved', { sha: 'abc', pullRequest: 4, costUsd: 0.5 }));
    before.window.settle(settled('asks', 'manual', { costUsd: 0.25 }));
    before.window.settle(settled('spare', 'approved', { sha: 'def' }));
    before.steering.release('held');
    expect(before.steering.drop('left')).toBe(true);
    before.account.park({ profile: 'main', until: Date.now() + 60_000 });
    before.steering.setControl('paused');
    before.steering.setWidth(3);
    const carried = JSON.parse(JSON.stringify(before.told.carry())) as BatchInput;
    const after = createBatchState(carried);
    after.window.add({ plan: 'plan', issues, skips: [] });
    after.window.begin();

    expect(after.told.counts()).toEqual(before.told.counts());
    expect(after.told.status()).toEqual(before.told.status());
    expect(after.told.carry()).toEqual(before.told.carry());
    after.account.park({ profile: 'main', until: 0 });
    after.steering.setControl('running');
    expect(takeAll(after)).toEqual(['next', 'held']);
    expect(after.window.issueInput(2).dependencies).toEqual([{ id: 'done', key: 'done', sha: 'abc', pullRequest: 4 }]);
    after.window.add({ plan: 'more', issues: [planned('late', { dependencies: ['spare'] })], skips: [] });
    expect(after.window.issueInput(7)).toMatchObject({
      issue: { plan: 'more' },
      dependencies: [{ id: 'spare', sha: 'def', pullRequest: null }],
    });
    expect(after.told.result()).toMatchObject({ adopted: ['works'], dropped: ['left'], costUsd: 0.75 });
  });

  test('waits for what a person asked for and nobody has passed on yet', () => {
    const state = stateOf([planned('a')]);
    expect(state.steering.hasNews()).toBe(false);
    state.steering.setBudget({ costUsd: 5, tokens: null });
    expect(state.steering.hasNews()).toBe(true);
    state.steering.takeNewBudget();
    expect(state.steering.hasNews()).toBe(false);
    state.steering.addPlan('more');
    expect(state.steering.hasNews()).toBe(true);
    state.steering.takeAdded();
    expect(state.steering.hasNews()).toBe(false);
  });

  test('is small for 10,000 issues that are all approved and land nowhere', () => {
    const many = Array.from({ length: 10_000 }, (_, index) =>
      planned(`issue-${index}`, { dependencies: index % 10 === 0 ? [] : [`issue-${index - 1}`] }),
    );
    const state = stateOf(many, { width: 20 });
    for (const { key } of many.slice(0, 9_000)) {
      takeAll(state);
      state.window.settle(settled(key, 'approved', { sha: 'f'.repeat(40), pullRequest: 12_345 }));
    }
    const carried = state.told.carry();
    expect(JSON.stringify(carried).length).toBeLessThan(128 * 1024);
    expect(carried.carried?.standings).toHaveLength(10_000);
  });
});
