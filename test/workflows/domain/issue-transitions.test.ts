import { describe, expect, test } from 'vitest';
import { noUsage, type AttemptResult, type Prepared } from '../../../workflows/domain/attempt.ts';
import { initialState, workOf, type IssueState } from '../../../workflows/domain/issue-state.ts';
import {
  accepted,
  attemptBegun,
  attemptEnded,
  batchBudgeted,
  checksRan,
  ciAwaitedFrom,
  ciRerun,
  counted,
  entered,
  implemented,
  landed,
  movedTo,
  noted,
  pullOpened,
  prepared,
  published,
  resumed,
  reviewed,
  spent,
  worded,
} from '../../../workflows/domain/issue-transitions.ts';
import type { IssueInput } from '../../../workflows/domain/run.ts';
import { noBudgets } from '../../../workflows/domain/settings.ts';
import { policy, withBudget } from '../../support/workflow/workflow-ground.ts';

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

const ready: Prepared = {
  kind: 'ready',
  host: 'h1',
  title: 'Say hello!',
  branch: 'millrace/1',
  base: { branch: 'main', sha: 'tip', start: 'start' },
  attempt: 4,
  pullRequest: null,
};

const document = { sha256: 'a'.repeat(64), bytes: 9 };
const usage = { inputTokens: 10, outputTokens: 5, cachedTokens: 1, costUsd: 0.5 };

const result: AttemptResult = {
  version: 1,
  end: { kind: 'worked', claim: 'completed' },
  session: 'session',
  head: 'head-4',
  changed: true,
  ref: 'refs/millrace/1/4',
  summary: 'done',
  usage,
  durationMs: 1,
};

const fresh = initialState(input);
const onHost = prepared(fresh, ready);
const worked = attemptEnded(attemptBegun(onHost, 'implement'), 'implement', result);
const pushed = published(worked, 1_000);

/** What a transition changed, and nothing that it left. */
function change(before: IssueState, after: IssueState): Partial<IssueState> {
  const keys = Object.keys(after) as (keyof IssueState)[];
  expect(keys).toEqual(Object.keys(before));
  return Object.fromEntries(keys.filter((key) => after[key] !== before[key]).map((key) => [key, after[key]]));
}

describe('a fresh issue', () => {
  test('stands in the queue, with the rounds and the budgets of its policy', () => {
    expect(fresh).toMatchObject({ stage: 'queued', title: 'Say hello', words: null, budgets: noBudgets });
    expect(fresh.counters).toMatchObject({ rounds: 0, roundsAllowed: 3, pushedBack: false });
  });

  test('has the words of whoever asked for it again', () => {
    expect(initialState({ ...input, rerun: { message: 'once more' } }).words).toBe('once more');
  });

  test('has no work yet: a step that wants some is a bug', () => {
    expect(() => workOf(fresh)).toThrow('before the issue was prepared');
    expect(workOf(onHost)).toEqual({ host: 'h1', branch: 'millrace/1', base: ready.base, head: 'start' });
  });
});

describe('preparing', () => {
  test('tells where it stands: on a branch, at its start, after the attempts of earlier runs', () => {
    expect(change(fresh, onHost)).toEqual({
      host: 'h1',
      title: 'Say hello!',
      branch: 'millrace/1',
      base: ready.base,
      head: 'start',
      attempts: 3,
    });
  });

  test('adopts the pull request of an earlier run, whose branch is pushed', () => {
    expect(prepared(fresh, { ...ready, pullRequest: 7 })).toMatchObject({ pullRequest: 7, pushed: 'start' });
  });

  test('tells what there is of a skipped one, and whether dependents may start', () => {
    const skipped = { kind: 'skipped', reason: 'it is closed', pullRequest: 7, sha: 'abc', satisfies: true } as const;
    expect(change(fresh, prepared(fresh, skipped))).toEqual({ pullRequest: 7, head: 'abc', satisfies: true });
  });

  test('changes nothing where it is held', () => {
    expect(prepared(fresh, { kind: 'held', reason: 'does not merge' })).toBe(fresh);
  });

  test('on another host moves it, and nothing of its work', () => {
    expect(change(worked, movedTo(worked, 'h2'))).toEqual({ host: 'h2' });
  });
});

describe('an attempt', () => {
  const spoken = worded(onHost, 'keep it short');

  test('that works takes the words of a person with it, and a reviewer leaves them', () => {
    expect(change(spoken, attemptBegun(spoken, 'fix'))).toEqual({ attempts: 4, words: null });
    expect(change(spoken, attemptBegun(spoken, 'review'))).toEqual({ attempts: 4 });
  });

  test('leaves its commits and its costs, and a review its costs alone', () => {
    expect(change(onHost, attemptEnded(onHost, 'implement', result))).toEqual({
      head: 'head-4',
      ref: 'refs/millrace/1/4',
      usage,
    });
    expect(change(onHost, attemptEnded(onHost, 'review', result))).toEqual({ usage });
  });

  test('that leaves nothing costs all the same, and costs add up', () => {
    expect(spent(spent(onHost, usage), usage).usage).toEqual({
      inputTokens: 20,
      outputTokens: 10,
      cachedTokens: 2,
      costUsd: 1,
    });
  });
});

test('words of a person are kept one after the other, and saying nothing changes nothing', () => {
  expect(worded(worded(fresh, 'first'), 'second').words).toBe('first\n\nsecond');
  expect(worded(worded(fresh, 'first'), null).words).toBe('first');
});

test('the last ten notes are kept, each cut at 300 characters', () => {
  const many = Array.from({ length: 12 }, (_, nth) => `${nth} ${'x'.repeat(400)}`);
  const { notes } = many.reduce(noted, fresh);
  expect(notes).toHaveLength(10);
  expect(notes[0]).toMatch(/^2 x/);
  expect(notes.every((note) => note.length === 300)).toBe(true);
});

describe('publishing', () => {
  test('notes what was pushed and when, and that no person took it', () => {
    const taken = accepted(pushed, null);
    expect(change(taken, published(taken, 5_000))).toEqual({ ciSince: 5_000, accepted: false });
    expect(change(worked, pushed)).toEqual({ pushed: 'head-4', ciSince: 1_000 });
  });

  test('opens a pull request with the words and the checks of the work', () => {
    expect(change(pushed, pullOpened(pushed, 12))).toEqual({ pullRequest: 12 });
    expect(change(worked, implemented(worked, 'it greets'))).toEqual({ summary: 'it greets' });
    expect(change(worked, checksRan(worked, document))).toEqual({ checks: document });
  });
});

describe('a review', () => {
  const review = { kind: 'reviewed', verdict: 'needs-work', findings: 1, review: document } as const;

  test('is a round, and the next one judges its findings', () => {
    const after = change(pushed, reviewed(pushed, review));
    expect(after).toEqual({
      counters: { ...pushed.counters, rounds: 1 },
      lastVerdict: 'needs work: 1 finding',
      lastReview: { document, head: 'head-4' },
    });
    expect(reviewed(pushed, { ...review, findings: 2 }).lastVerdict).toBe('needs work: 2 findings');
  });

  test('that approves takes the place of the word of a person', () => {
    const approved = reviewed(accepted(pushed, 'good enough'), { ...review, verdict: 'approved' });
    expect(approved).toMatchObject({ lastVerdict: 'approved', approval: 'approved by review' });
  });
});

describe('a person', () => {
  test('who accepts takes what lies on the branch, not what came after it', () => {
    const later = attemptEnded(pushed, 'fix', { ...result, head: 'head-5', ref: 'refs/millrace/1/5' });
    expect(change(later, accepted(later, 'good enough'))).toEqual({
      head: 'head-4',
      approval: 'accepted by a person: good enough',
      accepted: true,
    });
    expect(accepted(later, null).approval).toBe('accepted by a person');
  });

  test('who resumes grants the rounds, the fixes and the continuations once more', () => {
    const tired = counted(pushed, { rounds: 3, checkFixes: 2, ciFixes: 2, continuations: 5, pushedBack: true });
    const after = resumed(tired, policy, 'use the new API');
    expect(after.words).toBe('use the new API');
    expect(after.counters).toEqual({
      rounds: 3,
      roundsAllowed: 6,
      checkFixes: 0,
      ciFixes: 0,
      continuations: 0,
      pushedBack: true,
    });
  });

  test('who resumes grants the budget of the issue once more, on top of what is used', () => {
    const limited = withBudget({ issue: { costUsd: 2, tokens: 100 }, batch: { costUsd: 9, tokens: null } });
    const before = spent(initialState({ ...input, policy: limited }), usage);
    const once = resumed(before, limited, null);
    expect(change(before, once)).toMatchObject({ budgets: { issue: { costUsd: 2.5, tokens: 116 } } });
    expect(once.budgets.batch).toEqual({ costUsd: 9, tokens: null });
    expect(resumed(once, limited, null).budgets.issue).toEqual({ costUsd: 2.5, tokens: 116 });
    expect(resumed(spent(fresh, usage), policy, null).budgets.issue).toEqual({ costUsd: null, tokens: null });
  });
});

test('a changed budget of the batch leaves that of the issue', () => {
  const granted = resumed(spent(fresh, usage), withBudget({ issue: { costUsd: 1, tokens: null } }), null);
  const { budgets } = batchBudgeted(granted, { costUsd: 40, tokens: null });
  expect(budgets).toMatchObject({ issue: { costUsd: 1.5 }, batch: { costUsd: 40 } });
});

test('the small ones change what they say, and nothing else', () => {
  expect(change(pushed, entered(pushed, 'waiting (quota)', 'used up'))).toEqual({
    stage: 'waiting (quota)',
    reason: 'used up',
  });
  expect(change(pushed, ciAwaitedFrom(pushed, 7))).toEqual({ ciSince: 7 });
  expect(change(pushed, ciRerun(pushed))).toEqual({ rerunOf: 'head-4' });
  expect(change(pushed, landed(pushed, 'tip-2'))).toEqual({ landedAs: 'tip-2' });
  expect(fresh.usage).toEqual(noUsage);
});
