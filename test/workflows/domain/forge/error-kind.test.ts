import { expect, test } from 'vitest';
import { retried } from '../../../../workflows/domain/failure.ts';
import {
  forgeErrors,
  isForgeErrorKind,
  type ForgeErrorMeaning,
  type ForgeErrorKind,
} from '../../../../workflows/domain/forge/error-kind.ts';

function kindsWith(holds: (facts: ForgeErrorMeaning) => unknown): readonly string[] {
  return Object.entries(forgeErrors).flatMap(([kind, facts]) => (holds(facts) ? [kind] : []));
}

// Recorded batches were decided by these: a kind that joins or leaves a list changes what they replay to.
test('what a person mends at the credential is just this', () => {
  expect(kindsWith(({ isOfCredential }) => isOfCredential)).toEqual(['auth', 'forbidden', 'read-only']);
});

test('what passes by itself, and what may have been done all the same', () => {
  const passing = ['network', 'server', 'rate-limit', 'response-invalid', 'merge-not-ready', 'changed'];
  expect(kindsWith(({ passes }) => passes)).toEqual(passing);
  const done = ['network', 'server', 'response-invalid', 'already-exists'];
  expect(kindsWith(({ mayHaveActed }) => mayHaveActed)).toEqual(done);
});

test('a merge that fails so waits for a person', () => {
  const stopping = ['merge-blocked', 'stale-head', 'conflict', 'not-mergeable', 'forbidden'];
  expect(kindsWith(({ refusesMerge }) => refusesMerge)).toEqual(stopping);
});

test('what is tried again passes, and nothing that waits for a person is tried again', () => {
  for (const { failure, passes, tries, refusesMerge, isOfCredential } of Object.values(forgeErrors)) {
    expect(retried[failure] || tries !== undefined).toBe(passes === true);
    if (refusesMerge || isOfCredential) expect(retried[failure]).toBe(false);
  }
});

test('each kind tells a person what to do, with the wait where the forge named one', () => {
  const mends = Object.values(forgeErrors).map(({ mend }) => (typeof mend === 'string' ? mend : mend(90_000)));
  for (const mend of mends) expect(mend).toMatch(/^[a-z].{20,}/);
  expect(mends.filter((mend) => mend.includes('in 2 min'))).toHaveLength(1);
});

test.for(['conflict', 'rate-limit'] satisfies ForgeErrorKind[])('%s is one of our kinds', (kind) => {
  expect(isForgeErrorKind(kind)).toBe(true);
});

test.for(['toString', 'Conflict', '', null, 7])('%s is not', (word) => {
  expect(isForgeErrorKind(word)).toBe(false);
});
