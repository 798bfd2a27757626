import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  dependencyNumbers,
  excludingLabel,
  heldBack,
  inOrder,
  priorityOf,
  skipOf,
  type IssueFacts,
} from '../../workflows/domain/selection.ts';
import type { IssueDocument } from '../../workflows/domain/issue.ts';
import type { IssueRules } from '../../workflows/domain/settings.ts';

const rules: IssueRules = {
  exclude: ['wontfix', 'millrace:skip'],
  inProgress: null,
  needsManualReview: null,
  priorities: { blocker: ['P0'], high: ['priority:high'], medium: [], low: ['low'] },
};

describe('what blocks an issue is read from its text', () => {
  test.for<[string, readonly number[]]>([
    ['Depends on #12', [12]],
    ['depends ON #12', [12]],
    ['Blocked by #3', [3]],
    ['Blocked by: #3', [3]],
    ['**Depends on:** #3', [3]],
    ['**Depends on** #3', [3]],
    ['Depends on #1, #2,#3', [1, 2, 3]],
    ['Depends on #1, #2 and #3', [1, 2, 3]],
    ['Depends on #1, and #2 & #4', [1, 2, 4]],
    ['Depends on #12 (the parser), later #13', [12]],
    ['Depends on #12.', [12]],
    ['- Depends on #1\n- blocked by #2', [1, 2]],
    ['1. Depends on #1', [1]],
    ['- [ ] Depends on #1\n  * [x] Depends on #2', [1, 2]],
    ['      - Depends on #1', [1]],
    ['text\n\nDepends on #1\n\nmore\nBlocked by #1, #2', [1, 2]],
    ['This depends on #1', []],
    ['> Depends on #1', []],
    ['    Depends on #1', []],
    ['`Depends on #1`', []],
    ['```\nDepends on #1\n```\nDepends on #2', [2]],
    ['~~~md\nDepends on #1\n```\nDepends on #3\n~~~\nDepends on #2', [2]],
    ['````\n```\nDepends on #1\n````\nDepends on #2', [2]],
    ['```\nDepends on #1', []],
    ['Depends on acme/shop#1', []],
    ['Depends on #1abc', []],
    ['Depends on #0', []],
    ['Depends on #99999999999', []],
    ['Depends on 12', []],
    ['Depends on', []],
    ['Dependson #1', []],
    ['', []],
  ])('%j: %j', ([text, numbers]) => {
    expect(dependencyNumbers(text)).toEqual(numbers);
  });

  test('in linear time, however hostile, and never more than a hundred', () => {
    const hostile = [
      'Depends on '.repeat(100_000),
      `Depends on${' '.repeat(1_000_000)}#1`,
      `Depends on ${'#1, '.repeat(250_000)}`,
      '`'.repeat(1_000_000),
      `${' '.repeat(1_000_000)}- Depends on #1`,
      Array.from({ length: 60_000 }, (_, index) => `Depends on #${index + 1}`).join('\n'),
      'Depends on \n'.repeat(90_000),
      `${'> '.repeat(500_000)}Depends on #1`,
    ];
    const begin = performance.now();
    for (const text of hostile) expect(dependencyNumbers(text).length).toBeLessThanOrEqual(100);
    expect(performance.now() - begin).toBeLessThan(2_000);
  });

  test('any text gives whole numbers from 1 on, each once', () => {
    const piece = fc.oneof(
      fc.constantFrom('Depends on ', 'Blocked by ', '#', ', ', '\n', '```\n', '- ', ' and ', '**'),
      fc.nat().map(String),
      fc.string({ unit: 'binary', maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const numbers = dependencyNumbers(pieces.join(''));
        expect(new Set(numbers).size).toBe(numbers.length);
        for (const number of numbers) expect(Number.isSafeInteger(number) && number > 0).toBe(true);
      }),
    );
  });
});

test('labels mean a priority without case, the most urgent one counts, and none is medium', () => {
  expect(priorityOf(['p0', 'low'], rules)).toBe('blocker');
  expect(priorityOf(['Priority:High'], rules)).toBe('high');
  expect(priorityOf(['low', 'bug'], rules)).toBe('low');
  expect(priorityOf(['bug'], rules)).toBe('medium');
  expect(excludingLabel(['bug', 'WontFix'], rules)).toBe('wontfix');
  expect(excludingLabel(['bug'], rules)).toBeNull();
});

test('the most urgent goes first, then the oldest, then the lower number', () => {
  const issue = (number: number, createdAt: number, ...labels: string[]) => ({ number, createdAt, labels });
  const issues = [issue(5, 50), issue(1, 10, 'low'), issue(9, 90, 'P0'), issue(4, 20), issue(3, 20)];
  expect(inOrder(issues, rules).map(({ number }) => number)).toEqual([9, 3, 4, 5, 1]);
});

describe('an issue is left alone', () => {
  const facts: IssueFacts = { isClosed: false, labels: [], pulls: [] };
  const pull = { number: 7, state: 'open', approved: false } as const;
  test.for<[string, Partial<IssueFacts>, string | null, boolean]>([
    ['when it is closed', { isClosed: true }, 'it is closed', true],
    ['when a pull request for it is open', { pulls: [pull] }, 'pull request #7 for it is open', false],
    [
      'when one is merged, whatever else there is',
      { pulls: [pull, { ...pull, number: 6, state: 'merged' }], labels: ['wontfix'] },
      'pull request #6 for it is merged',
      true,
    ],
    ['when a label says so', { labels: ['wontfix'] }, 'it has the label wontfix', false],
    ['not when a pull request was closed', { pulls: [{ ...pull, state: 'closed' }] }, null, true],
    [
      'not when what is open is ours and approved: dependents start on it',
      { pulls: [{ ...pull, approved: true }] },
      null,
      true,
    ],
    ['not for nothing', {}, null, true],
  ])('%s', ([, given, reason, satisfies]) => {
    const skip = skipOf({ ...facts, ...given }, rules);
    expect(skip).toEqual(reason === null ? null : { reason, satisfies });
  });
});

test('what hangs on a skipped issue that is not done is skipped as well; what hangs on a done one is not', () => {
  const issue = (id: string, dependencies: string[], skip: boolean | null = null): IssueDocument => ({
    id,
    key: id,
    title: id,
    priority: 'medium',
    dependencies,
    files: [],
    body: '',
    labels: [],
    textHash: '',
    skip: skip === null ? null : 'because',
    ...(skip === null ? {} : { skipSatisfies: skip }),
  });
  const issues = [
    issue('4', ['3']),
    issue('3', ['1', '2']),
    issue('1', [], false),
    issue('2', [], true),
    issue('5', ['2']),
    issue('6', ['1'], true),
  ];
  const skips = heldBack(issues).map(({ id, skip, skipSatisfies }) => [id, skip, skipSatisfies]);
  expect(skips).toEqual([
    ['4', 'it waits for #3, which is skipped', false],
    ['3', 'it waits for #1, which is skipped', false],
    ['1', 'because', false],
    ['2', 'because', true],
    ['5', null, undefined],
    ['6', 'because', true],
  ]);
});
