import { defaultPayloadConverter } from '@temporalio/common';
import { expect, test } from 'vitest';
import { lastWords } from '../../client/issue-view.ts';

const beat = (details: unknown) => ({ heartbeatDetails: { payloads: [defaultPayloadConverter.toPayload(details)] } });
const failed = { lastFailure: { message: 'POST /repos/o/r/pulls: 502 (tried again by itself, with growing pauses)' } };

test.each([
  ['nothing runs', [], null],
  ['it has said nothing yet', [beat({ step: 1 }), beat(null)], null],
  ['the agent speaks', [beat({ lastLine: 'editing' })], 'editing'],
  ['the forge is away', [failed], failed.lastFailure.message],
  ['it beats while it is tried again', [{ ...beat({}), ...failed }], failed.lastFailure.message],
  ['the agent speaks again after a crash', [{ ...beat({ lastLine: 'on' }), ...failed }], 'on'],
])('the last words of an issue: %s', (_, pending, words) => {
  expect(lastWords(pending, defaultPayloadConverter)).toBe(words);
});
