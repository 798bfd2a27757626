import { describe, expect, test } from 'vitest';
import {
  excludingLabel,
  heldBack,
  byUrgency,
  priorityOf,
  skipOf,
  type IssueFacts,
} from '../../../../workflows/domain/plan/selection.ts';
import type { IssueDocument } from '../../../../workflows/domain/issue.ts';
import type { IssueRules } from '../../../../workflows/domain/settings.ts';

const rules: IssueRules = {
  exclude: ['wontfix', 'millrace:skip'],
  inProgress: null,
  needsManualReview: null,
  priorities: { blocker: ['P0'], high: ['priority:high'], medium: [], low: ['low'] },
};

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
  expect(byUrgency(issues, rules).map(({ number }) => number)).toEqual([9, 3, 4, 5, 1]);
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
