import { describe, expect, test } from 'vitest';
import { createMemoryForge, type KeptIssue } from '../../support/forge/memory-forge.ts';
import { numbers, query, select } from '../../support/forge/selecting.ts';

describe('within a limit', () => {
  test('one that waits for others takes no place of a limit before them', async () => {
    const issues = {
      1: { labels: ['P0'], body: 'Depends on #5' },
      2: { labels: ['P0'], body: 'Depends on #5' },
      3: { labels: ['low'] },
      5: {},
      6: { body: 'Depends on #3' },
      7: { labels: ['low'] },
      8: { labels: ['low'], body: 'Depends on #4' },
      4: { labels: ['wontfix'] },
    };
    const plan = async (limit: number) =>
      (await select({ issues }, { by: query({ limit }) })).plan.issues.map(({ id, skip }) => [id, skip]);
    const excluded = ['4', 'it has the label wontfix'];
    expect(await plan(1)).toEqual([
      ['1', 'the limit was reached before its turn: what it waits for went first'],
      ['2', 'the limit was reached before its turn: what it waits for went first'],
      excluded,
      ['5', null],
    ]);
    expect(await plan(2)).toEqual([
      ['1', null],
      ['2', 'the limit was reached before its turn: what it waits for went first'],
      excluded,
      ['5', null],
    ]);
    expect(await plan(4)).toEqual([
      ['1', null],
      ['2', null],
      excluded,
      ['5', null],
      ['6', 'the limit was reached before its turn: what it waits for went first'],
      ['3', null],
    ]);
    expect(await plan(5)).toEqual([['1', null], ['2', null], excluded, ['5', null], ['6', null], ['3', null]]);
    expect((await plan(7)).at(-1)).toEqual(['8', 'it waits for #4, which is skipped']);
  });

  test('what a limit leaves out holds those that wait for it, night after night the same few requests', async () => {
    const waiting = Object.fromEntries(
      Array.from({ length: 4 }, (_, index) => [index + 1, { labels: ['P0'], body: 'Depends on #500' }]),
    );
    const others = Object.fromEntries(Array.from({ length: 400 }, (_, index) => [index + 101, {}]));
    const forge = createMemoryForge({ issues: { ...waiting, ...others }, dependencies: true });
    const { plan } = await select(forge, { by: query({ limit: 2 }) });
    expect(plan.issues.map(({ id, skip, dependencies }) => [id, skip, dependencies])).toEqual([
      ...['1', '2', '3', '4'].map((id) => [id, 'it waits for #500, which the limit left out', []]),
      ['101', null, []],
      ['102', null, []],
    ]);
    expect(forge.asked.length).toBeLessThan(40);
  });
});

describe('what blocks an issue', () => {
  test('is a dependency inside of the selection, nothing once it is closed, and a reason to wait outside of it', async () => {
    const issues = {
      1: {},
      2: { body: 'Depends on #1, #3' },
      3: { state: 'closed' },
      4: { body: 'Blocked by #9' },
      5: { body: '- Depends on #4' },
      6: { body: '<!-- Depends on #404 -->' },
      9: {},
    } as const;
    const { plan } = await select({ issues }, { by: numbers(1, 2, 4, 5, 6) });
    expect(plan.issues.map(({ id, dependencies, skip }) => [id, dependencies, skip])).toEqual([
      ['1', [], null],
      ['2', ['1'], null],
      ['4', [], 'it waits for #9, which is open and not among these'],
      ['5', ['4'], 'it waits for #4, which is skipped'],
      ['6', [], null],
    ]);
  });

  test('may be of the batch that they are added to', async () => {
    const issues = { 1: {}, 2: { body: 'Depends on #1' } };
    const { plan } = await select({ issues }, { by: numbers(2), beside: [1] });
    expect(plan.issues).toMatchObject([{ id: '2', dependencies: ['1'], skip: null }]);
  });

  test('may be said by the forge itself', async () => {
    const issues = { 1: {}, 2: { blockedBy: [1] }, 3: { blockedBy: [9], body: 'Depends on #1' }, 9: {} };
    const told = await select({ issues, dependencies: true }, { by: numbers(1, 2, 3) });
    expect(told.plan.issues.map(({ dependencies, skip }) => [dependencies, skip])).toEqual([
      [[], null],
      [['1'], null],
      [['1'], 'it waits for #9, which is open and not among these'],
    ]);
    const silent = createMemoryForge({ issues });
    await select(silent, { by: numbers(1, 2) });
    expect(silent.asked).not.toContain('blockedBy 2');
  });

  test('may be of another repository: open or out of sight it holds, and the forge knows best', async () => {
    const issues = {
      1: { body: 'Depends on acme/lib#1 acme/lib#2' },
      2: { body: 'Depends on https://127.0.0.1/acme/lib/issues/1' },
      3: { body: 'Blocked by HTTP://127.0.0.1:1/Acme/Lib/issues/1' },
      4: { blockedElsewhere: ['acme/app#7'] },
      5: { body: 'Depends on O/R#1 and http://127.0.0.1:1/o/r/issues/2' },
      6: { body: 'Depends on ../..#1, acme/lib#1' },
      7: { body: 'Depends on acme/lib#1' },
    };
    const elsewhere = { 'acme/lib#1': false, 'acme/lib#2': true };
    const forge = createMemoryForge({ issues, elsewhere, dependencies: true });
    const { plan } = await select(forge, { by: numbers(1, 2, 3, 4, 5, 6, 7) });
    const unread = (slug: string) =>
      `its text says that it waits for ${slug}, which cannot be read: take that line out once it is done`;
    expect(plan.issues.map(({ dependencies, skip }) => [dependencies, skip])).toEqual([
      [[], 'it waits for acme/lib#2, which is open in another repository'],
      [[], unread('https://127.0.0.1/acme/lib#1')],
      [[], null],
      [[], 'it waits for acme/app#7, which is open in another repository'],
      [['1', '2'], 'it waits for #1, which is skipped'],
      [[], unread('../..#1')],
      [[], null],
    ]);
    expect(forge.asked.filter((each) => each.startsWith('elsewhere'))).toHaveLength(2);
  });

  test('may be a pull request: open it holds, else it does not', async () => {
    const issues = { 1: { body: 'Depends on #7' } };
    const { plan } = await select({ issues, pulls: [7] }, { by: numbers(1) });
    expect(plan.issues[0]?.skip).toBe('it waits for #7, which is open and not among these');
  });

  test('that is asked for once, however many wait for it', async () => {
    const issues = { 1: { body: 'Depends on #9' }, 2: { body: 'Depends on #9' }, 9: { state: 'closed' } } as const;
    const forge = createMemoryForge({ issues });
    await select(forge, { by: numbers(1, 2) });
    expect(forge.asked.filter((each) => each === 'issue 9')).toHaveLength(1);
  });

  test.for<[string, Record<number, KeptIssue>, string]>([
    [
      'a circle',
      { 1: { body: 'Depends on #2' }, 2: { body: 'Depends on #1' } },
      'these issues wait for each other: #1 -> #2 -> #1',
    ],
    ['itself', { 1: { body: 'Depends on #1' } }, '#1 depends on itself'],
    ['a number that does not exist', { 1: { body: 'Depends on #404' } }, '#1 depends on #404, which does not exist'],
  ])('is refused when it is %s', async ([, issues, what]) => {
    const asked = select({ issues }, { by: numbers(...Object.keys(issues).map(Number)) });
    await expect(asked).rejects.toMatchObject({ problems: [{ what }] });
  });
});
