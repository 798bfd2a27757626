import { expect, test } from 'vitest';
import { isSuccess, outcomeKinds, type OutcomeKind } from '../../../workflows/domain/outcome.ts';

/** What a script sees as exit code 0. */
const success: Readonly<Record<OutcomeKind, boolean>> = {
  approved: true,
  landed: true,
  'no-change': true,
  skipped: true,
  'needs-manual-review': false,
  'review-failed': false,
  failed: false,
  cancelled: false,
};

test('every kind of outcome is listed once', () => {
  expect([...outcomeKinds].sort()).toEqual(Object.keys(success).sort());
});

test.each(outcomeKinds)('%s is a success or not', (kind) => expect(isSuccess(kind)).toBe(success[kind]));
