import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, test } from 'vitest';
import { resetTimeOf } from '../../../../activities/agents/reading/reset-time.ts';

const NOW = '2026-11-21T06:58:20Z';
const at = Date.parse(NOW);
const hour = 3_600_000;

/** What providers and tools print, and the time that it means when it is said at `NOW`. */
const corpus: readonly (readonly [string, string | null])[] = [
  // Anthropic and Claude Code
  ['Claude AI usage limit reached|1795248200', '2026-11-21T08:03:20Z'],
  [
    "API Error: Request rejected (429) · You've reached your usage limit. Your limit will reset at 5pm (UTC).",
    '2026-11-21T17:00:00Z',
  ],
  ["You've hit your limit · resets 7pm (America/New_York)", '2026-11-22T00:00:00Z'],
  ["You've hit your session limit · resets 3:45pm (Europe/Berlin)", '2026-11-21T14:45:00Z'],
  ["You've hit your weekly limit · resets Nov 27 at 3am (UTC)", '2026-11-27T03:00:00Z'],
  ['5-hour limit reached ∙ resets 9am', '2026-11-21T09:00:00Z'],
  ['Opus weekly limit reached ∙ resets Nov 24, 10am (Asia/Kolkata)', '2026-11-24T04:30:00Z'],
  ['Your limit will reset at 6:00 AM (UTC).', '2026-11-22T06:00:00Z'],
  ['{"type":"rate_limit_event","rate_limit_info":{"status":"rejected","resetsAt":1795248200}}', '2026-11-21T08:03:20Z'],
  ['anthropic-ratelimit-requests-reset: 2026-11-21T07:00:00Z', '2026-11-21T07:00:00Z'],
  ['retry-after: 38', '2026-11-21T06:58:58Z'],
  // OpenAI and Codex
  [
    'You’ve hit your usage limit. Visit https://localhost/settings/usage to purchase more credits or try again at 7:58 AM.',
    '2026-11-21T07:58:00Z',
  ],
  ["You've hit your usage limit. Upgrade to Pro or try again at Nov 22nd, 2026 7:58 AM.", '2026-11-22T07:58:00Z'],
  ["You've hit your usage limit. Try again in 3 days 4 hours 12 minutes.", '2026-11-24T11:10:20Z'],
  ['You’ve hit your usage limit. Try again in 1 hour 5 minutes.', '2026-11-21T08:03:20Z'],
  [
    'Rate limit reached for gpt-5 in organization org-1 on tokens per min (TPM): Limit 30000, Used 29000. Please try again in 1.2s.',
    '2026-11-21T06:58:21.200Z',
  ],
  ['Rate limit reached for requests. Please try again in 6m0s.', '2026-11-21T07:04:20Z'],
  ['Please try again in 800ms.', '2026-11-21T06:58:20.800Z'],
  [
    'Rate limit reached for gpt-5 on requests per day (RPD): Limit 200. Please try again in 7m12s.',
    '2026-11-21T07:05:32Z',
  ],
  [
    '{"error":{"type":"usage_limit_reached","message":"The usage limit has been reached","plan_type":"pro","resets_at":1795248200,"resets_in_seconds":3600}}',
    '2026-11-21T08:03:20Z',
  ],
  ['{"error":{"type":"usage_limit_reached","resets_in_seconds":3600}}', '2026-11-21T07:58:20Z'],
  ['x-ratelimit-reset-requests: in 1h2m', '2026-11-21T08:00:20Z'],
  // Google and Gemini
  ['"retryDelay": "34s"', '2026-11-21T06:58:54Z'],
  ['"retryDelay":"34.074824224s"', '2026-11-21T06:58:54.075Z'],
  ['You have exhausted your capacity on this model. Your quota will reset after 2h13m5s.', '2026-11-21T09:11:25Z'],
  ['Please retry in 12h34m5.5s.', '2026-11-21T19:32:25.500Z'],
  ['You have exhausted your daily quota on this model.', null],
  // Others
  ['429 Too Many Requests, Retry-After: 120', '2026-11-21T07:00:20Z'],
  ['"retry_after": 12.5', '2026-11-21T06:58:32.500Z'],
  ['Limit resets in 45 minutes', '2026-11-21T07:43:20Z'],
  ['Too many requests, try again after 30 seconds', '2026-11-21T06:58:50Z'],
  ['quota resets at 2026-11-21T12:00:00+02:00', '2026-11-21T10:00:00Z'],
  ['quota resets at 2026-11-21 12:00:00 UTC', '2026-11-21T12:00:00Z'],
  ['usage resets at 15:30', '2026-11-21T15:30:00Z'],
  ['usage resets at 15:30 PST', '2026-11-21T23:30:00Z'],
  ['resets at 4:00 AM PT', '2026-11-21T12:00:00Z'],
  ['available again until 11:59 p.m. EST', '2026-11-22T04:59:00Z'],
  ['Your plan resets on 22 November 09:15 UTC', '2026-11-22T09:15:00Z'],
  ['resets at 1795248200000', '2026-11-21T08:03:20Z'],
  ['resets 7am', '2026-11-21T07:00:00Z'],
  // No time at all, or none to believe
  ['The usage limit has been reached', null],
  ['HTTP 429', null],
  ['request id 4242424242 failed', null],
  ['reset on Jan 3 at 3am (UTC)', null],
  ['try again in 40 days', null],
  ['resets at 25:00', null],
  ['resets at 13pm', null],
  ['', null],
];

test.each(corpus)('%s', (words, wanted) => {
  const found = resetTimeOf(words, at);
  expect(found === null ? null : new Date(found).toISOString()).toBe(
    wanted === null ? null : new Date(wanted).toISOString(),
  );
});

describe('clocks that are set', () => {
  const inBerlin = (words: string, now: string) => {
    const found = resetTimeOf(words, Date.parse(now));
    return found === null ? null : new Date(found).toISOString();
  };

  test('forward: a time that does not exist that night is the one an hour later', () => {
    expect(inBerlin('resets 2:30am (Europe/Berlin)', '2026-03-28T22:00:00Z')).toBe('2026-03-29T01:30:00.000Z');
    expect(inBerlin('resets 4am (Europe/Berlin)', '2026-03-28T22:00:00Z')).toBe('2026-03-29T02:00:00.000Z');
  });

  test('back: of two such times it is the next one', () => {
    expect(inBerlin('resets 2:30am (Europe/Berlin)', '2026-10-24T22:00:00Z')).toBe('2026-10-25T00:30:00.000Z');
    expect(inBerlin('resets 2:30am (Europe/Berlin)', '2026-10-25T00:45:00Z')).toBe('2026-10-25T01:30:00.000Z');
  });
});

const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/Los_Angeles',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Asia/Tokyo',
];
const moments = fc.integer({ min: Date.parse('2026-01-01T00:00:00Z'), max: Date.parse('2029-01-01T00:00:00Z') });

describe('any time', () => {
  test('as an epoch is itself', () => {
    fc.assert(
      fc.property(moments, fc.integer({ min: 0, max: 6 * 24 * 3600 }), fc.boolean(), (now, ahead, inMs) => {
        const reset = Math.floor(now / 1000 + ahead) * 1000;
        expect(resetTimeOf(`limit reached|${inMs ? reset : reset / 1000}`, now)).toBe(reset);
      }),
    );
  });

  test('as a clock in any zone is a moment within a day whose clock shows it', () => {
    const formats = ["'resets' h:mma", "'resets at' h:mm a", "'try again at' HH:mm"];
    fc.assert(
      fc.property(
        moments,
        fc.integer({ min: 60_000, max: 22 * hour }),
        fc.constantFrom(...zones),
        fc.constantFrom(...formats),
        (now, ahead, zone, format) => {
          const wall = DateTime.fromMillis(now + ahead, { zone });
          const found = resetTimeOf(`${wall.toFormat(format, { locale: 'en-US' })} (${zone})`, now);
          expect(found).toBeGreaterThan(now);
          expect(found! - now).toBeLessThanOrEqual(25 * hour);
          expect(DateTime.fromMillis(found!, { zone }).toFormat('HH:mm')).toBe(wall.toFormat('HH:mm'));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('as a date and a clock in any zone is that date', () => {
    fc.assert(
      fc.property(
        moments,
        fc.integer({ min: hour, max: 7 * 24 * hour }),
        fc.constantFrom(...zones),
        (now, ahead, zone) => {
          const wall = DateTime.fromMillis(now + ahead, { zone });
          const found = resetTimeOf(`resets ${wall.toFormat("MMM d 'at' h:mma", { locale: 'en-US' })} (${zone})`, now);
          expect(DateTime.fromMillis(found!, { zone }).toFormat('MM-dd HH:mm')).toBe(wall.toFormat('MM-dd HH:mm'));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('as a wait counts from when it is said', () => {
    fc.assert(
      fc.property(moments, fc.nat(150), fc.nat(59), fc.nat(59), (now, hours, minutes, seconds) => {
        const ahead = ((hours * 60 + minutes) * 60 + seconds) * 1000;
        expect(resetTimeOf(`Please retry in ${hours}h${minutes}m${seconds}s.`, now)).toBe(now + ahead);
        expect(resetTimeOf(`try again in ${hours} hours, ${minutes} minutes and ${seconds} seconds`, now)).toBe(
          now + ahead,
        );
      }),
    );
  });
});

test('no text is too odd', () => {
  const odd = fc.oneof(
    fc.string(),
    fc.stringMatching(/^(resets|in|at|retry-after:?) [0-9:apmhs|. ]{0,30}$/),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(odd, moments, (words, now) => {
      const found = resetTimeOf(words, now);
      expect(found === null || Number.isInteger(found)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});
