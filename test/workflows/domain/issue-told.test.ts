import { describe, expect, test } from 'vitest';
import { initialState } from '../../../workflows/domain/issue-state.ts';
import { outcomeOf, parkedAs, settledAs, statusOf } from '../../../workflows/domain/issue-told.ts';
import { landed, noted, pullOpened, prepared, spent } from '../../../workflows/domain/issue-transitions.ts';
import type { IssueInput } from '../../../workflows/domain/run.ts';
import { policy } from '../../support/workflow/workflow-ground.ts';

const input: IssueInput = {
  version: 1,
  issue: { repo: 'r', settings: 's', plan: 'p', batch: 'b', id: '#1', key: '1' },
  title: 'Say hello',
  priority: 'medium',
  forge: 'local',
  policy,
  dependencies: [],
  rerun: null,
};

const usage = { inputTokens: 10, outputTokens: 5, cachedTokens: 1, costUsd: 0.5 };
const fresh = initialState(input);
const working = spent(
  pullOpened(
    prepared(fresh, {
      kind: 'ready',
      host: 'h1',
      title: 'Say hello',
      branch: 'millrace/1',
      base: { branch: 'main', sha: 'tip', start: 'start' },
      attempt: 1,
      pullRequest: null,
    }),
    12,
  ),
  usage,
);

describe('the batches of an issue are told', () => {
  test('its work and its running totals, when it comes to rest', () => {
    expect(settledAs(working, 'approved')).toEqual({
      kind: 'approved',
      satisfies: true,
      sha: 'start',
      pullRequest: 12,
      costUsd: 0.5,
      tokens: 16,
    });
  });

  test('the tip of the base, once it has landed', () => {
    expect(settledAs(landed(working, 'tip-2'), 'landed').sha).toBe('tip-2');
  });

  test('that dependents of a skipped one start only where it is done', () => {
    const skip = { kind: 'skipped', reason: 'x', pullRequest: null, sha: null } as const;
    expect(settledAs(prepared(fresh, { ...skip, satisfies: true }), 'skipped').satisfies).toBe(true);
    expect(settledAs(prepared(fresh, { ...skip, satisfies: false }), 'skipped').satisfies).toBe(false);
  });

  test('no work while it waits for something outside', () => {
    expect(parkedAs(working)).toEqual({
      kind: 'parked',
      satisfies: false,
      sha: null,
      pullRequest: null,
      costUsd: 0.5,
      tokens: 16,
    });
  });
});

test('the outcome says how it ended, by what, and after how long', () => {
  const end = { outcome: 'landed', reason: 'landed on main', durationMs: 9, waitedMs: 4 } as const;
  expect(outcomeOf(input, landed(working, 'tip-2'), end)).toEqual({
    version: 1,
    kind: 'landed',
    reason: 'landed on main',
    issue: '#1',
    title: 'Say hello',
    branch: 'millrace/1',
    pullRequest: 12,
    sha: 'tip-2',
    ref: null,
    pushed: null,
    rounds: 0,
    attempts: 0,
    usage,
    durationMs: 9,
    waitedMs: 4,
  });
});

test('notes are told to people, and left out where there are none', () => {
  const note = noted(working, 'a session was lost');
  const end = { outcome: 'approved', reason: 'r', durationMs: 1, waitedMs: 0 } as const;
  expect(statusOf(input, note).notes).toEqual(['a session was lost']);
  expect(outcomeOf(input, note, end).notes).toEqual(['a session was lost']);
  expect(statusOf(input, working)).not.toHaveProperty('notes');
  expect(outcomeOf(input, working, end)).not.toHaveProperty('notes');
});
