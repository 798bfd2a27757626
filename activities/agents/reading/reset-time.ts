import { DateTime, FixedOffsetZone, IANAZone, type Zone } from 'luxon';

const DAY_MS = 24 * 3_600_000;

/** Windows of all providers end within a week; what is further away is another number. */
const FURTHEST_MS = 8 * DAY_MS;

/**
 * When a limit resets, as its text tells it: epoch ms; null: it does not. Waits and clock times count from `at` (epoch
 * ms); a clock time without a zone is in UTC, since that is the zone that agents run in.
 */
export function resetTimeOf(words: string, at: number): number | null {
  const text = words.replace(/[\u00a0\u202f]/g, ' ');
  const found = epoch(text, at) ?? iso(text) ?? wait(text, at) ?? date(text, at) ?? clock(text, at);
  return found !== null && isLikely(found, at) ? Math.round(found) : null;
}

function isLikely(time: number, at: number): boolean {
  return Number.isFinite(time) && time >= at - DAY_MS && time <= at + FURTHEST_MS;
}

/** `|1795248200`, `"resets_at":1795248200`, the same in milliseconds. */
function epoch(text: string, at: number): number | null {
  for (const [digits] of text.matchAll(/(?<![\d.])\d{10}(\d{3})?(?![\d.]*\d)/g)) {
    const time = digits.length === 10 ? Number(digits) * 1000 : Number(digits);
    if (isLikely(time, at)) return time;
  }
  return null;
}

function iso(text: string): number | null {
  const found = /\b(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)\s?(Z|UTC|[+-]\d\d:?\d\d)?/.exec(text);
  if (!found) return null;
  const [, day = '', time = '', zone = 'Z'] = found;
  return valid(DateTime.fromISO(`${day}T${time}${zone === 'UTC' ? 'Z' : zone}`, { zone: 'utc' }));
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: DAY_MS };

/** `try again in 1.2s`, `in 3 days 4 hours`, `reset after 2h13m`, `"retryDelay":"34s"`, `retry-after: 30`. */
function wait(text: string, at: number): number | null {
  const seconds =
    /\b(?:retry[-_ ]?after|resets?_in_seconds|retry_in_seconds)["']?\s{0,3}[:=]?\s{0,3}["']?(\d{1,7}(?:\.\d{1,6})?)(?![\d.]*\s?[a-z])/i;
  const bare = seconds.exec(text)?.[1];
  if (bare !== undefined) return at + Number(bare) * 1000;
  const part = String.raw`\d{1,7}(?:\.\d{1,9})?\s?(?:ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)(?![a-z])`;
  const lead = String.raw`\b(?:in|after|for|within|retry[-_ ]?delay|retry[-_ ]?after)["']?\s{0,3}[:=]?\s{0,3}["']?(?:about |approximately )?`;
  const phrase = new RegExp(String.raw`${lead}((?:${part}(?:,\s?|\s?and\s|\s)?){1,5})`, 'i').exec(text)?.[1];
  if (phrase === undefined) return null;
  let total = 0;
  for (const [, amount = '', unit = ''] of phrase.matchAll(/(\d{1,7}(?:\.\d{1,9})?)\s?([a-z]+)/gi)) {
    const name = unit.toLowerCase();
    total +=
      Number(amount) * (unitMs[name === 'ms' || name.startsWith('milli') ? 'ms' : (name[0] ?? '')] ?? Number.NaN);
  }
  return at + total;
}

const clockPattern = String.raw`(\d{1,2})(?::(\d\d))?(?::(\d\d))?\s?([ap]\.?m\b\.?)?`;
const zonePattern = String.raw`(?:\s?\(?\s?([A-Z][A-Za-z]+(?:\/[A-Za-z_+-]+){1,2}|UTC|GMT|[PMCE][SD]?T|CES?T|BST|IST|JST|AES?T)\b)?`;
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** `Nov 22nd, 2026 7:58 AM`, `Oct 9 at 3am (Europe/Berlin)`, `22 November 15:00 UTC`. */
function date(text: string, at: number): number | null {
  const month = `(${months.join('|')})[a-z]{0,6}`;
  const day = String.raw`(\d{1,2})(?:st|nd|rd|th)?`;
  const rest = String.raw`\.?(?:,?\s(\d{4}))?,?(?:\sat)?\s${clockPattern}${zonePattern}`;
  const first = new RegExp(String.raw`\b${month}\.?\s${day}${rest}`, 'i').exec(text);
  const second = first ? null : new RegExp(String.raw`\b${day}\s${month}${rest}`, 'i').exec(text);
  const found = first ?? second;
  if (!found) return null;
  const [monthName = '', dayOfMonth = ''] = first ? [found[1], found[2]] : [found[2], found[1]];
  const [, , , year, hour, minute, second_, half, zone] = found;
  const time = timeOf({ hour, minute, second: second_, half });
  if (time === null) return null;
  const now = DateTime.fromMillis(at, { zone: zoneOf(zone) });
  const years = year === undefined ? [now.year, now.year + 1] : [Number(year)];
  const wanted = { month: months.indexOf(monthName.slice(0, 3).toLowerCase()) + 1, day: Number(dayOfMonth), ...time };
  const candidates = years.flatMap((each) =>
    atWall(DateTime.fromObject({ year: each, ...wanted }, { zone: now.zone }), at - DAY_MS),
  );
  return candidates[0] ?? null;
}

/** `at 7:58 AM`, `resets 7pm (America/New_York)`, `until 15:00`: the next such time. */
function clock(text: string, at: number): number | null {
  const lead = String.raw`\b(?:at|resets?|until|again|after|by)\s`;
  for (const found of text.matchAll(new RegExp(`${lead}${clockPattern}${zonePattern}`, 'gi'))) {
    const [, hour, minute, second, half, zone] = found;
    const time = minute === undefined && half === undefined ? null : timeOf({ hour, minute, second, half });
    if (time === null) continue;
    const now = DateTime.fromMillis(at, { zone: zoneOf(zone) });
    for (const days of [0, 1, 2]) {
      const { year, month, day } = now.plus({ days });
      const next = atWall(DateTime.fromObject({ year, month, day, ...time }, { zone: now.zone }), at)[0];
      if (next !== undefined) return next;
    }
  }
  return null;
}

interface WrittenTime {
  readonly hour: string | undefined;
  readonly minute: string | undefined;
  readonly second: string | undefined;
  readonly half: string | undefined;
}

function timeOf({ hour, minute, second, half }: WrittenTime) {
  const written = Number(hour);
  if (half !== undefined && (written < 1 || written > 12)) return null;
  const isAfternoon = half?.toLowerCase().startsWith('p') ?? false;
  const time = {
    hour: half === undefined ? written : (written % 12) + (isAfternoon ? 12 : 0),
    minute: Number(minute ?? 0),
    second: Number(second ?? 0),
  };
  return time.hour < 24 && time.minute < 60 && time.second < 60 ? time : null;
}

/** The times after a moment that a wall clock shows as this: two where clocks are set back, one later where set forward. */
function atWall(wall: DateTime, after: number): readonly number[] {
  if (!wall.isValid) return [];
  return wall
    .getPossibleOffsets()
    .map((each) => each.toMillis())
    .filter((time) => time > after)
    .sort((a, b) => a - b);
}

const offsets: Readonly<Record<string, number>> = {
  UTC: 0,
  GMT: 0,
  PST: -8,
  PDT: -7,
  MST: -7,
  MDT: -6,
  CST: -6,
  CDT: -5,
  EST: -5,
  EDT: -4,
  BST: 1,
  CET: 1,
  CEST: 2,
  IST: 5.5,
  JST: 9,
  AEST: 10,
};
const regions: Readonly<Record<string, string>> = {
  PT: 'America/Los_Angeles',
  MT: 'America/Denver',
  CT: 'America/Chicago',
  ET: 'America/New_York',
};

function zoneOf(name: string | undefined): Zone {
  const upper = (name ?? 'UTC').toUpperCase();
  const offset = offsets[upper];
  if (offset !== undefined) return FixedOffsetZone.instance(offset * 60);
  const zone = IANAZone.create(regions[upper] ?? name ?? '');
  return zone.isValid ? zone : FixedOffsetZone.utcInstance;
}

function valid(time: DateTime): number | null {
  return time.isValid ? time.toMillis() : null;
}
