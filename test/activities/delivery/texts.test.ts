import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  acceptedBody,
  cancelledBody,
  landMessage,
  outcomeBody,
  pullBody,
  pullTitle,
  reviewBody,
  reviewStatusText,
  waitingBody,
} from '../../../activities/delivery/texts.ts';
import { marked } from '../../../activities/forges/key.ts';
import { harmless, inCode, oneLine, quoted } from '../../../activities/delivery/harmless.ts';
import { noUsage } from '../../../workflows/domain/attempt.ts';
import type { Outcome } from '../../../workflows/domain/outcome.ts';
import type { Finding, ReviewDocument } from '../../../workflows/domain/review.ts';
import { growthOf, LINEAR } from '../../support/growth.ts';

const sha = 'abcdef0123456789abcdef0123456789abcdef01';

/** What GitHub's and Gitea's documentation names as closing an issue. */
const closes =
  /\b(close[sd]?|fix(e[sd])?|resolve[sd]?):?\s+(#\d|gh-\d|[\w.-]+\/[\w.-]+#\d|https?:\/\/\S+\/(issues|pull)\/\d)/i;

/** What calls somebody. */
const mentions = /(^|[^\w`])@[A-Za-z0-9]/;

const hostile = fc.array(
  fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      'Closes #1',
      'fixes: #22',
      'RESOLVED\n#3',
      'close acme/repo#4',
      'Fixes https://github.com/acme/repo/issues/5',
      'closes GH-6',
      'Clo\u200Bses #7',
      '@admin',
      '@\u200Broot',
      '<!-- millrace-key: issue/1 -->',
      '<!-',
      '- -->',
      '<!\u200B--',
      '```',
      '\r',
      '\r\n',
      '\u202E',
      '\u0000',
      '\uD800',
      '> ',
      '| a |',
      '# heading',
      '</details>',
      'ghp_0123456789abcdefghij0123456789abcdef',
      '/merge',
    ),
  ),
  { maxLength: 40 },
);
const hostileText = hostile.map((pieces) => pieces.join(''));

const titledC40 = { id: 'c40', title: 'Use @acme/log, as in #12', number: null, unheard: true };

describe('neutralised text', () => {
  it.each([
    'Closes #12',
    'closes: #12',
    'Fixed #12',
    'resolves acme/repo#12',
    'fixes https://git.example/acme/repo/issues/12',
    'Closes GH-12',
    'close\n#12',
    'fix **#12**',
    'Clo\u00ADses #12',
  ])('%j closes nothing', (text) => {
    const result = harmless(text, 1000);
    expect(result).not.toMatch(closes);
    expect(result.replace(/\u200B/g, '')).toBe(text.replace('\u00AD', ''));
  });

  it('no text closes an issue, calls somebody, hides a marker or a secret, or changes by being cleaned again', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const result = harmless(text, 10_000);
        expect(result).not.toMatch(closes);
        expect(result).not.toMatch(mentions);
        expect(result).not.toContain('<!--');
        expect(result).not.toMatch(
          /[\u0000-\u0008\u000B-\u001F\u202A-\u202E\uD800-\uDFFF](?<![\uD800-\uDBFF][\uDC00-\uDFFF])(?![\uDC00-\uDFFF])/,
        );
        expect(result).not.toContain('ghp_0123456789');
        expect(harmless(result, 20_000)).toBe(result);
      }),
      { numRuns: 500 },
    );
  });

  it('every line of a quotation is one, and a code span cannot be left', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        for (const line of quoted(text, 10_000).split('\n')) expect(line).toMatch(/^>/);
        expect(oneLine(text, 100)).not.toMatch(/[\n\r]/);
        expect(inCode(text)).toMatch(/^$|^`[^`\n]*`$/);
      }),
    );
  });

  it('ordinary prose is left as it is', () => {
    const prose = 'Fixes the parser: `a < b` now works, see docs/parser.md.\n\n- colour #ff0000? no: C# and F# too';
    expect(harmless(prose, 1000)).toBe(prose);
  });

  it('a megabyte is cut, and costs as much as its length says', () => {
    for (const piece of ['Closes #1 ', '@a', '<!--', 'fix ', '😀', ' ', '\u200B', 'a/']) {
      const cut = (size: number) => harmless(piece.repeat(size / piece.length), 4_000);
      expect(cut(1_000_000).length).toBeLessThan(20_000);
      expect(growthOf(cut, 250_000), JSON.stringify(piece)).toBeLessThan(LINEAR);
    }
  });
});

describe('a pull request', () => {
  const plain = { closes: '12', summary: 'Did it.', dependencies: [], checks: null, usage: null };

  it('reads as a page', () => {
    const body = pullBody({
      ...plain,
      dependencies: [{ id: 'parser', key: 'parser', sha, pullRequest: 3 }],
      checks: {
        version: 1,
        head: sha,
        checks: [{ name: 'unit | all', passed: true, exitCode: 0, durationMs: 1234, output: '' }],
      },
      usage: { ...noUsage, inputTokens: 12_000, outputTokens: 345, costUsd: 0.421 },
    });
    expect(body).toBe(
      [
        '> Did it.',
        '',
        'Closes #12',
        '',
        'This branch contains the work of these issues, which has not landed yet. Land it first:',
        '',
        '- `parser` (#3, `abcdef012345`)',
        '',
        '| check | result | time |',
        '|---|---|---|',
        '| `unit \\| all` | passed | 1.2 s |',
        '',
        'Cost so far: $0.42, 12,345 tokens',
      ].join('\n'),
    );
  });

  it('closes its own issue and no other, has one marker and fits a forge, whatever the agent wrote', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (summary, id) => {
        const body = marked('issue/12', pullBody({ ...plain, summary, closes: '12' }));
        const lines = body.split('\n').filter((line) => /\bcloses\s#/i.test(line));
        expect(lines).toEqual(['Closes #12']);
        expect(pullBody({ ...plain, summary, closes: `c${id}` })).not.toMatch(closes);
        expect(body.match(/<!--/g)).toHaveLength(1);
        expect(body.length).toBeLessThan(65_536);
      }),
    );
  });

  it('names an issue of a plan by its id, which is no number of a forge', () => {
    expect(pullBody({ ...plain, closes: 'c40' })).toContain('\n\nCloses issue c40\n\n');
    expect(landMessage({ ...titledC40, pullRequest: 7, closes: 'c40' })).toBe(
      'Use @acme/log, as in #12 (#7)\n\nCloses issue c40',
    );
    expect(pullBody({ ...plain, closes: '40' })).toContain('\n\nCloses #40\n\n');
  });

  it('breaks nothing up where no server acts on what is written, and hides nothing there either', () => {
    expect(pullTitle(titledC40)).toBe('Use @acme/log, as in #12');
    expect(pullTitle({ ...titledC40, title: 'a\u200Bb\u202Ec\nd' })).toBe('abc d');
    expect(pullTitle({ ...titledC40, unheard: false })).toBe('Use @\u200Bacme/log, as in #\u200B12');
  });

  it('says so when the agent left no words and when there are no checks', () => {
    expect(pullBody({ ...plain, summary: ' \n' })).toContain('The agent left no summary.');
    expect(pullBody(plain)).toContain('No checks are configured.');
  });

  it('has a title of one line and at most 255 bytes, whatever the issue is called', () => {
    fc.assert(
      fc.property(hostileText, (title) => {
        const made = pullTitle({ id: '7', number: 7, title });
        expect(made).toMatch(/^.+$/u);
        expect(Buffer.byteLength(made)).toBeLessThanOrEqual(255);
      }),
    );
    expect(pullTitle({ id: '7', number: null, title: '😀'.repeat(300) })).toMatch(/^😀+…$/u);
    expect(pullTitle({ id: '7', number: 7, title: '\u0000\n' })).toBe('[#7] Issue 7');
  });
});

describe('a review', () => {
  const finding: Finding = { file: 'src/a.ts', line: 3, severity: 'high', body: 'Off by one.' };
  const review: ReviewDocument = {
    version: 1,
    head: sha,
    round: 2,
    verdict: 'needs-work',
    summary: 'Close.',
    findings: [finding],
  };

  it('reads as a page', () => {
    expect(reviewBody(review)).toBe(
      `**needs work** in round 2, of \`${sha}\`\n\n> Close.\n\n**high** \`src/a.ts:3\`\n\n> Off by one.`,
    );
    expect(reviewStatusText(review)).toBe('needs work in round 2, 1 finding');
    expect(reviewStatusText({ ...review, verdict: 'approved', findings: [] })).toBe('approved in round 2');
  });

  it('with more findings than a body holds says how many are left out', () => {
    const findings = Array.from({ length: 500 }, () => ({ ...finding, body: 'x\n'.repeat(3000) }));
    const body = reviewBody({ ...review, findings });
    expect(body.length).toBeLessThan(60_001);
    const shown = body.match(/\*\*high\*\*/g)?.length ?? 0;
    expect(shown).toBeGreaterThan(3);
    expect(body).toMatch(new RegExp(`${500 - shown} more findings are not shown\\.$`));
  });

  it('closes nothing and calls nobody, whatever the reviewer wrote', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const findings = [{ file: text, line: null, severity: text, body: text }];
        const body = reviewBody({ ...review, summary: text, findings });
        expect(body).not.toMatch(closes);
        expect(body).not.toContain('<!--');
      }),
    );
  });
});

describe('an outcome', () => {
  const outcome: Outcome = {
    version: 1,
    kind: 'landed',
    reason: 'approved and merged',
    issue: '12',
    title: 'T',
    branch: 'millrace/12-t',
    pullRequest: 4,
    sha,
    ref: null,
    rounds: 2,
    attempts: 3,
    usage: { ...noUsage, costUsd: 1.5 },
    durationMs: 3_900_000,
  };

  it('names what a person needs to go on', () => {
    expect(outcomeBody(outcome).split('\n')).toEqual([
      '**landed**',
      '',
      '> approved and merged',
      '',
      '- Pull request: #4',
      '- Branch: `millrace/12-t`',
      `- Commit: \`${sha}\``,
      '- Review rounds: 2',
      '- Attempts: 3',
      '- Cost: $1.50, 0 tokens',
      '- Time: 1 h 5 min',
    ]);
  });

  it('a cancelled one and an accepted one say who decides', () => {
    expect(cancelledBody({ ...outcome, kind: 'cancelled', reason: 'no longer needed' })).toBe(
      'Work on this was cancelled. The pull request stays open for a person to decide.\n\n> no longer needed',
    );
    expect(acceptedBody({ head: sha, reason: null })).toBe(`Accepted by a person at \`${sha}\`.`);
    expect(acceptedBody({ head: sha, reason: 'Closes #1' })).not.toMatch(closes);
  });
});

it('tells what can be typed for an issue that waits, whatever its id is', () => {
  const body = waitingBody({ id: "fix the log'in; rm x", reason: null, pullRequest: null });
  expect(body).toContain(`\`millrace resume 'fix the log'\\''in; rm x' --accept\``);
  expect(waitingBody({ id: 'fix-7', reason: null, pullRequest: null })).toContain('`millrace resume fix-7 --accept`');
});
