import { describe, expect, test } from 'vitest';
import {
  afterChecks,
  afterImplement,
  afterRefusal,
  afterReview,
  type Counters,
} from '../../../workflows/domain/step.ts';
import { policy } from '../../support/workflow/workflow-ground.ts';

const counters: Counters = {
  rounds: 0,
  roundsAllowed: 3,
  checkFixes: 0,
  ciFixes: 0,
  continuations: 0,
  pushedBack: false,
};
const document = { sha256: 'f'.repeat(64), bytes: 1 };
const answer = 'Create what is missing.';

describe('after implementing', () => {
  const idle = (claim: 'completed' | 'no-change' | 'failed' | 'none', summary = 'why') => ({
    changed: false,
    claim,
    summary,
  });

  test.each(['completed', 'no-change', 'failed', 'none'] as const)('work counts, whatever the claim (%s)', (claim) => {
    expect(afterImplement({ changed: true, claim, summary: '' }, counters, answer)).toEqual({ kind: 'check' });
  });

  test.each(['completed', 'failed', 'none'] as const)('no work and the claim %s is answered once', (claim) => {
    expect(afterImplement(idle(claim), counters, null)).toMatchObject({
      kind: 'implement',
      ask: { kind: 'push-back' },
    });
    expect(afterImplement(idle(claim), counters, answer)).toEqual({
      kind: 'implement',
      ask: { kind: 'push-back', words: answer },
    });
    expect(afterImplement(idle(claim), { ...counters, pushedBack: true }, answer)).toEqual({
      kind: 'end',
      outcome: 'failed',
      reason: claim === 'completed' ? 'the agent changed nothing and called it completed: why' : 'agent gave up: why',
    });
  });

  test('a reasoned no-change is believed, one with a known excuse is answered first', () => {
    const end = { kind: 'end', outcome: 'no-change', reason: 'why' };
    expect(afterImplement(idle('no-change'), counters, null)).toEqual(end);
    expect(afterImplement(idle('no-change'), counters, answer)).toMatchObject({ kind: 'implement' });
    expect(afterImplement(idle('no-change'), { ...counters, pushedBack: true }, answer)).toEqual(end);
  });

  test('an agent without a word gets a reason of ours', () => {
    const pushed = { ...counters, pushedBack: true };
    expect(afterImplement(idle('none', ''), pushed, null)).toMatchObject({
      reason: 'agent gave up: it ended without a word and without work',
    });
    expect(afterImplement(idle('no-change', ''), pushed, null)).toMatchObject({ reason: 'nothing to change' });
  });
});

describe('after checks', () => {
  test('passing work is published', () => {
    expect(afterChecks({ passed: true, checks: [], document }, { ...counters, checkFixes: 9 }, policy)).toEqual({
      kind: 'publish',
    });
  });

  test('failing checks go back to the agent twice, then to a person, who sends them back once more', () => {
    const fix = { kind: 'fix', ask: { kind: 'fix-checks', checks: document } };
    const checks = [
      { name: 'lint', passed: false, durationMs: 1 },
      { name: 'types', passed: true, durationMs: 1 },
      { name: 'test', passed: false, durationMs: 1 },
    ];
    const after = (checkFixes: number, allowed = 2) =>
      afterChecks({ passed: false, checks, document }, { ...counters, checkFixes }, { ...policy, checkFixes: allowed });
    expect([after(0), after(1)]).toEqual([fix, fix]);
    expect(after(2)).toEqual({ kind: 'person', reason: 'checks still fail after 2 fixes: lint, test', resume: fix });
    expect(after(1, 1)).toMatchObject({ reason: 'checks still fail after 1 fix: lint, test' });
  });
});

describe('after a review', () => {
  test('approved work lands', () => {
    expect(afterReview('approved', document, { ...counters, rounds: 3 })).toEqual({ kind: 'land' });
  });

  test('one round is one round', () => {
    const once = { ...counters, rounds: 1, roundsAllowed: 1 };
    expect(afterReview('needs-work', document, once)).toMatchObject({
      reason: 'review still needs work after 1 round',
    });
  });

  test('the last round that is allowed asks a person', () => {
    const fix = { kind: 'fix', ask: { kind: 'fix-review', review: document } };
    expect(afterReview('needs-work', document, { ...counters, rounds: 2 })).toEqual(fix);
    expect(afterReview('needs-work', document, { ...counters, rounds: 3 })).toEqual({
      kind: 'person',
      reason: 'review still needs work after 3 rounds',
      resume: fix,
    });
    expect(afterReview('needs-work', document, { ...counters, rounds: 3, roundsAllowed: 6 })).toEqual(fix);
  });
});

describe('after the forge refused', () => {
  const refused = (kind: string, type = 'ForgeRejected') => ({ type, message: 'no', details: { kind, status: 403 } });

  test.each(['auth', 'forbidden', 'read-only'])('the credential (%s), the same step waits for a person', (kind) => {
    const publish = { kind: 'publish' } as const;
    expect(afterRefusal(publish, refused(kind))).toEqual({ kind: 'person', reason: 'no', resume: publish });
    const asked = { kind: 'person', reason: 'what now', resume: { kind: 'land' } } as const;
    expect(afterRefusal(asked, refused(kind))).toEqual({ kind: 'person', reason: 'no', resume: { kind: 'land' } });
  });

  test('anything else, no person is waited for', () => {
    const failures = [refused('stale-head'), refused('auth', 'PushRejected'), { ...refused('auth'), details: null }];
    for (const failure of failures) expect(afterRefusal({ kind: 'publish' }, failure)).toBeNull();
  });
});
