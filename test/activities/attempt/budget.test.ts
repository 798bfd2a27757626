import { describe, expect, test } from 'vitest';
import { noUsage } from '../../../workflows/domain/attempt.ts';
import { noBudgets, type Budgets } from '../../../workflows/domain/settings.ts';
import { notesOf, run, works } from '../../support/attempt/attempts.ts';

/** What one run of works.mjs reports. */
const used = { inputTokens: 10, outputTokens: 2, cachedTokens: 1, costUsd: 0.25 };

const limited = (of: keyof Budgets, budget: Partial<Budgets['issue']>): Budgets => ({
  ...noBudgets,
  [of]: { costUsd: null, tokens: null, ...budget },
});

const stopped: readonly (readonly [keyof Budgets, Partial<Budgets['issue']>, string])[] = [
  ['issue', { costUsd: 0.2 }, "the issue's budget of $0.2 is spent ($0.25)"],
  ['batch', { costUsd: 0.2 }, "the batch's budget of $0.2 is spent ($0.25)"],
  ['night', { costUsd: 0.2 }, "the night's budget of $0.2 is spent ($0.25)"],
  ['issue', { tokens: 13 }, "the issue's budget of 13 tokens is spent (13)"],
  ['batch', { tokens: 12 }, "the batch's budget of 12 tokens is spent (13)"],
  ['night', { tokens: 5 }, "the night's budget of 5 tokens is spent (13)"],
];

describe('a budget that is reached', () => {
  test.each(stopped)('of the %s, %j, stops the agent that runs and keeps its work', async (of, budget, reason) => {
    const { ground } = await works('works-then-spends');
    const result = await run(ground, ground.input({ budgets: limited(of, budget) }));
    const what = 'tokens' in budget ? 'tokens' : 'cost';
    expect(result).toMatchObject({ end: { kind: 'budget-spent', what, reason }, changed: true, usage: used });
    expect(await ground.kept('show', `${result.head}:greeting.txt`)).toBe('hi\nhello');
    const { renewsAt } = result.end as { renewsAt?: number };
    if (of === 'night') expect(new Date(renewsAt ?? 0).getHours()).toBe(12);
    else expect(renewsAt).toBeUndefined();
  });

  test('before an agent starts lets none start', async () => {
    const { ground, notes } = await works('ok');
    const input = ground.input({
      budgets: limited('issue', { costUsd: 3 }),
      spent: { ...noUsage, costUsd: 3 },
    });
    const result = await run(ground, input);
    expect(result.end).toMatchObject({ kind: 'budget-spent', reason: "the issue's budget of $3 is spent ($3)" });
    expect(notesOf(notes)).toEqual([]);
  });
});

describe('a budget of which four fifths are used up', () => {
  const warned: readonly (readonly [keyof Budgets, Partial<Budgets['issue']>, string])[] = [
    ['issue', { costUsd: 0.3 }, "83 % of the issue's budget of $0.3 is used up. Come to an end"],
    ['batch', { costUsd: 0.3 }, "83 % of the batch's budget of $0.3 is used up. Come to an end"],
    ['night', { tokens: 16 }, "81 % of the night's budget of 16 tokens is used up. Come to an end"],
  ];
  test.each(warned)('of the %s, %j, is told in the next prompt', async (of, budget, words) => {
    const { ground, notes } = await works('ok');
    const budgets = limited(of, budget);
    const first = await run(ground, ground.input({ budgets }));
    // An issue's own usage comes with its attempt; that of batch and night is what this host has noted of all.
    const spent = of === 'issue' ? first.usage : noUsage;
    const session = { id: first.session ?? 'session-1', resumed: true };
    await run(ground, ground.input({ attempt: 2, session, head: first.head, budgets, spent }));
    const [before, after] = notesOf(notes);
    expect(before?.stdin).not.toContain('is used up');
    expect(after?.stdin).toContain(words);
  });
});
