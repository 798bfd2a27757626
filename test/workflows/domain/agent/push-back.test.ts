import { expect, test } from 'vitest';
import { growthOf, LINEAR } from '../../../support/growth.ts';
import { pushBackAnswer } from '../../../../workflows/domain/agent/push-back.ts';

test.each([
  ['References non-existent files', /CREATE those files/],
  ['src/report.py does not exist in this repository.', /CREATE those files/],
  ['I could not find the module that the issue names', /CREATE those files/],
  ['The files are missing', /CREATE those files/],
  ['Requires extensive auditing of the code base', /partial audit/],
  ['This requires an audit of every call site', /partial audit/],
  ['Complex algorithm', /partial implementation/],
  ['The change is too large for one session', /partial implementation/],
  ['Requires design decisions', /minimal version/],
  ['The issue is ambiguous', /minimal version/],
])('"%s" has an answer', (words, answer) => {
  expect(pushBackAnswer(words)).toMatch(answer);
});

test.each([
  '',
  'Already done in 3f2a9c1: slug.js lowers the title.',
  'Nothing to change, the README says so already.',
  'The audit log exists since version 2, and its tests pass.',
  'Implemented; no missing translations remain.',
])('"%s" has none: it is no excuse that we know', (words) => {
  expect(pushBackAnswer(words)).toBeNull();
});

test.each(['a ', 'requires ', 'extensive ', 'module ', 'too '])('hostile words cost linear time: %j', (word) => {
  expect(growthOf((size) => pushBackAnswer(word.repeat(size)), 25_000)).toBeLessThan(LINEAR);
});
