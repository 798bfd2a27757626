import { expect, test } from 'vitest';
import { createScrubber } from '../../../activities/text/scrubber.ts';

const secret = 'canary/+äöü "x" 1234';
const env = {
  MY_TOKEN: secret,
  LOGIN: 'a-login-of-an-agent',
  PLAIN: 'just a plain value',
  DEBUG_KEY: 'true',
  TOOLS: '/opt/tools/bin',
};
const scrub = createScrubber({ ...env, API_KEY: 'short' }, ['LOGIN', 'TOOLS']);

test.each([
  ['raw', secret],
  ['base64', Buffer.from(secret).toString('base64')],
  ['base64 with a user', Buffer.from(`x:${secret}`).toString('base64')],
  ['base64url', Buffer.from(secret).toString('base64url')],
  ['URL-encoded', encodeURIComponent(secret)],
  ['JSON', JSON.stringify(secret).slice(1, -1)],
  ['hex', Buffer.from(secret).toString('hex')],
])('a secret is found %s', (_name, form) => {
  expect(scrub(`before ${form} after`)).toMatch(/^before \*\*\*=* after$/);
});

test('what was handed to a program is a secret, but for paths; what is short or plain is none', () => {
  const text = 'a-login-of-an-agent in /opt/tools/bin: true, short, just a plain value';
  expect(scrub(text)).toBe('*** in /opt/tools/bin: true, short, just a plain value');
});

test('what has the shape of a credential is found without knowing it', () => {
  expect(createScrubber({}, [])(`token ghp_${'a'.repeat(36)}`)).toBe('token ***');
});
