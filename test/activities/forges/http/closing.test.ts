import { describe, expect, it } from 'vitest';
import { closesIssue } from '../../../../activities/forges/http/closing.ts';
import { growthOf, LINEAR } from '../../../support/growth.ts';

const place = { url: 'https://github.com', owner: 'Acme', name: 'widgets' };
const closes = (text: string) => closesIssue(text, { number: 42, place });

describe('a text closes an issue', () => {
  it.each([
    'Closes #42',
    'words\n\ncloses: #42.',
    'This fixes #42, and more',
    'RESOLVED acme/Widgets#42',
    'fix https://github.com/acme/widgets/issues/42',
    'Fixed #1, fixed #42',
    'Fixes GH-42',
    'closes: gh-42.',
  ])('with %j', (text) => expect(closes(text)).toBe(true));

  it.each([
    '',
    '#42',
    'see #42',
    'Closes #421',
    'Closes #4',
    'Closes 42',
    'Closes GH-421',
    'Closes GH42',
    'Closes XGH-42',
    'Closes a/bGH-42',
    'encloses #42',
    'Closes other/widgets#42',
    'Closes https://github.com/acme/widgets/pull/42',
    'Closes https://evil.example/acme/widgets/issues/42',
    '`Closes #42`',
    '```\nCloses #42\n```',
    '```\nCloses #42',
    '<!-- Closes #42 -->',
    '<!--\n\nCloses #42\n\n-->',
    '<!-- never ends\n\nCloses #42',
    'Closes #42x',
  ])('but not with %j', (text) => expect(closes(text)).toBe(false));

  it.each(['closes ', 'fix #', '<!--', '`', '```\n', 'closes a/', '\n'])(
    'of a megabyte of %j in linear time',
    (part) => {
      expect(growthOf((size) => closes(part.repeat(size / part.length)), 250_000)).toBeLessThan(LINEAR);
    },
  );
});
