import { expect, test } from 'vitest';
import type { ForgeErrorKind } from '../../../workflows/domain/forge/error-kind.ts';
import { ForgeError } from '../../../activities/failure/forge-error.ts';
import { GitError } from '../../../activities/failure/git-error.ts';
import { Refused, refusalOf } from '../../../activities/failure/refusal.ts';

const operation = 'GET /repos/o/r/issues/7';

test.for<[ForgeErrorKind, 'input' | 'forge', string]>([
  ['network', 'forge', 'can be reached'],
  ['server', 'forge', 'try again in a minute'],
  ['rate-limit', 'forge', 'in 2 min'],
  ['response-invalid', 'forge', 'a proxy'],
  ['auth', 'input', 'millrace doctor'],
  ['forbidden', 'input', 'the right that is named'],
  ['not-found', 'input', 'may not see'],
  ['unsupported', 'input', '--forge KIND'],
  ['read-only', 'input', 'what the forge names'],
])('%s is told with what was asked, the words of the forge, and a mend', ([kind, because, mend]) => {
  const facts = { operation, status: 400, retryAfterMs: 90_000 };
  const refusal = refusalOf(new ForgeError(kind, `${operation}: it said no to ghp_${'x'.repeat(36)}`, facts));
  expect(refusal).toMatchObject({ kind: 'refused', because });
  expect(refusal.problems).toEqual([
    { where: operation, what: 'it said no to ***', mend: expect.stringContaining(mend) },
  ]);
});

test('what git says of a remote is told as well, and a bug is none of it', () => {
  const answer = { exitCode: 128, stdout: '', stderr: 'could not resolve host' };
  expect(refusalOf(new GitError(['fetch'], '/mirror', answer))).toMatchObject({ because: 'forge' });
  const problems = [{ where: '#7', what: 'there is no issue #7', mend: 'correct the number' }];
  expect(refusalOf(new Refused(problems))).toEqual({ kind: 'refused', because: 'input', failure: null, problems });
  expect(() => refusalOf(new TypeError('x is not a function'))).toThrow('x is not a function');
});
