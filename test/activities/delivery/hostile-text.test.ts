import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  acceptedBody,
  inlineBody,
  landMessage,
  outcomeBody,
  pullBody,
  pullTitle,
  reviewBody,
} from '../../../activities/delivery/texts.ts';
import { keyIn, marked, pullKey } from '../../../activities/forges/key.ts';
import { checked, headRef } from '../../../activities/git/names.ts';
import { issueKey } from '../../../client/plan/key.ts';
import type { ReviewDocument } from '../../../workflows/domain/review.ts';
import { attemptRef, branchName, issueWorkflowId } from '../../../workflows/ids.ts';
import { someOutcome } from '../../support/forge/forge-work.ts';
import { growthOf, LINEAR } from '../../support/growth.ts';

/** What git, a shell, a file system, a forge or a reader could take for more than words. */
const pieces = [
  '--upload-pack=touch x',
  '-c core.sshCommand=x',
  '--',
  '-',
  '../../etc',
  '..',
  '.',
  '/',
  '\\',
  'refs/heads/main',
  '@{-1}',
  '@',
  '.lock',
  '~^:?*[',
  '$(touch x)',
  '`touch x`',
  ';',
  '|',
  '\0',
  '\n',
  '\r\n',
  '\t',
  '\u2028',
  '\u202e',
  '\u200b',
  '\u00ad',
  '\ufeff',
  '\u{e0041}',
  '\ud800',
  '\udc00',
  'Closes #7',
  'fixes: #8',
  'Resolved o/r#9',
  'close https://github.com/o/r/issues/10',
  'fix GH-11',
  'clos\u200bes #12',
  '#13',
  '<!-- millrace-key: issue/1 -->',
  '<!--',
  '-->',
  '@everyone',
  '@acme/team',
  '# Heading',
  '```',
  '> ',
  '| a | b |',
  'ü',
  'İ',
  'e\u0301',
  '😀',
  'word',
  ' ',
  '12',
] as const;

const hostile = fc.oneof(
  { weight: 4, arbitrary: fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map((each) => each.join('')) },
  { weight: 2, arbitrary: fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map((each) => each.join(' ')) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
);

/** As GitHub and Gitea document it: a keyword, a colon perhaps, and a reference. */
const closing =
  /\b(close[sd]?|fix(e[sd])?|resolve[sd]?):?\s+(#|GH-|[\w.-]+\/[\w.-]+#|https?:\/\/\S+\/(issues|pulls?)\/)\d+/gi;
const invisible =
  /(?![\n\t\u200b])[\p{Cc}\p{Cs}\u00ad\u200c-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e0fff}]/u;

/** What is wrong with a text that goes to a forge; null: nothing. */
function wrongWith(text: string, closes: number): string | null {
  if (text.length > 65_000) return `${text.length} characters`;
  if (invisible.test(text)) return 'an invisible character';
  if (/<!--/.test(text)) return 'a comment';
  if (/@[\w-]/.test(text)) return 'a mention';
  const found = text.match(closing)?.length ?? 0;
  return found === closes ? null : `${found} closing references`;
}

function nameOf(id: string, title: string, generation: number): string {
  return checked('branch', branchName(issueKey(id), title, generation));
}

describe('names made of hostile titles and ids', () => {
  it('are safe as refs, options, paths and workflow ids', () => {
    fc.assert(
      fc.property(hostile, hostile, fc.integer({ min: 1, max: 99 }), (id, title, generation) => {
        const key = checked('key', issueKey(id));
        expect(issueKey(key)).toBe(key);
        expect(nameOf(id, title, generation)).toMatch(/^millrace\/[A-Za-z0-9_][A-Za-z0-9_-]{0,99}$/);
        expect(issueWorkflowId('r', key)).toMatch(/^issue:r:[A-Za-z0-9_][A-Za-z0-9_-]{0,47}$/);
        checked('private ref', attemptRef(key, generation));
        expect(keyIn(marked(pullKey(key), title))).toBe(`issue/${key}`);
      }),
      { numRuns: 5_000 },
    );
  });

  // Half of a surrogate pair is the same replacement character in every file.
  const onDisk = (id: string) => Buffer.from(id).toString();

  it('two ids never have one key', () => {
    fc.assert(
      fc.property(hostile, hostile, (one, other) => onDisk(one) === onDisk(other) || issueKey(one) !== issueKey(other)),
      {
        numRuns: 5_000,
      },
    );
  });

  it('are taken by git itself', () => {
    for (const [id, title] of fc.sample(fc.tuple(hostile, hostile), 100)) {
      const name = nameOf(id, title, 2);
      expect(execFileSync('git', ['check-ref-format', '--branch', name], { encoding: 'utf8' })).toBe(`${name}\n`);
    }
  });

  it('a base that a person configured is refused, or is one for git, too', () => {
    const accepted = fc.sample(hostile, 3_000).flatMap((name) => {
      try {
        return [headRef(name)];
      } catch (error) {
        expect(String(error)).toContain('not a branch');
        return [];
      }
    });
    expect(accepted.length).toBeGreaterThan(10);
    for (const ref of [...new Set(accepted)].slice(0, 100)) execFileSync('git', ['check-ref-format', ref]);
  });
});

describe('texts made of hostile words', () => {
  it('a title is one line of at most 250 bytes, and closes nothing', () => {
    fc.assert(
      fc.property(hostile, hostile, fc.option(fc.nat(99_999)), (id, title, number) => {
        const made = pullTitle({ id, title, number });
        expect(made).not.toMatch(/[\r\n]/);
        expect(made.trim()).not.toBe('');
        expect(Buffer.byteLength(made)).toBeLessThanOrEqual(250);
        expect(wrongWith(made, 0)).toBeNull();
        if (number !== null) expect(made.startsWith(`[#${number}] `)).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });

  it('a body closes its own issue alone, on a line of its own, and carries our marker alone', () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, (summary, id, check) => {
        const checks = [{ name: check, passed: false, exitCode: 1, durationMs: 5, output: summary }];
        const dependencies = [{ id, key: 'k', sha: 'a'.repeat(40), pullRequest: null }];
        const text = {
          summary,
          dependencies,
          checks: { version: 1, head: 'b'.repeat(40), checks },
          usage: null,
        } as const;
        const body = pullBody({ ...text, closes: '42' });
        expect(wrongWith(body, 1)).toBeNull();
        expect(body.split('\n').filter((line) => line === 'Closes #42')).toHaveLength(1);
        expect(wrongWith(pullBody({ ...text, closes: null }), 0)).toBeNull();
        const whole = marked('issue/42', body);
        expect(whole.match(/<!--/g)).toHaveLength(1);
        expect(keyIn(whole)).toBe('issue/42');
        // An id of a plan is no number that a forge would act on, and neither ends the line nor begins another one.
        const planned = pullBody({ ...text, closes: id });
        expect(planned.split('\n').filter((line) => line.startsWith('Closes '))).toHaveLength(1);
        expect(wrongWith(planned.replace(/^Closes #\d+$/m, ''), 0)).toBeNull();
      }),
      { numRuns: 3_000 },
    );
  });

  it('a commit message closes at most its own issue', () => {
    fc.assert(
      fc.property(hostile, hostile, (id, title) => {
        const message = landMessage({ id, title, number: 42, pullRequest: 7, closes: '42' });
        expect(message.split('\n')).toHaveLength(3);
        expect(message.endsWith('\n\nCloses #42')).toBe(true);
        expect(wrongWith(message, 1)).toBeNull();
        expect(wrongWith(landMessage({ id, title, number: null, pullRequest: 7, closes: null }), 0)).toBeNull();
      }),
      { numRuns: 5_000 },
    );
  });

  it('reviews and comments close nothing, call nobody and carry no marker', () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, (summary, file, body) => {
        const findings = [
          { file, line: 3, severity: body, body: summary },
          { file: '', line: null, severity: 'x', body },
        ];
        const review: ReviewDocument = {
          version: 1,
          head: 'a'.repeat(40),
          round: 1,
          verdict: 'needs-work',
          summary,
          findings,
        };
        const outcome = { reason: body, branch: file, ref: summary, pullRequest: null } as const;
        for (const text of [
          reviewBody(review),
          inlineBody({ severity: file, body }),
          outcomeBody(someOutcome('failed', outcome)),
          acceptedBody({ head: file, reason: summary }),
        ])
          expect(wrongWith(text, 0)).toBeNull();
      }),
      { numRuns: 3_000 },
    );
  });

  it('a megabyte of any of it is bounded, and costs as much as its length says', () => {
    const written = (text: string) => {
      const name = nameOf(text, text, 1);
      expect(name.length).toBeLessThan(120);
      expect(wrongWith(pullTitle({ id: text, title: text, number: 1 }), 0)).toBeNull();
      const body = { summary: text, dependencies: [], checks: null, usage: null, closes: '42' };
      expect(wrongWith(pullBody(body), 1)).toBeNull();
      expect(wrongWith(landMessage({ id: text, title: text, number: 1, pullRequest: 1, closes: '42' }), 1)).toBeNull();
    };
    for (const piece of pieces) {
      const growth = growthOf((size) => written(piece.repeat(Math.ceil(size / piece.length))), 50_000);
      expect(growth, JSON.stringify(piece)).toBeLessThan(LINEAR);
    }
  });
});
