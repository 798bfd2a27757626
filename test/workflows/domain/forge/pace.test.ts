import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentLastHour, freshPace, learned, reserveTurn } from '../../../../workflows/domain/forge/pace.ts';
import type { PaceRecord, RequestKind, Rules } from '../../../../workflows/domain/forge/pace.ts';
import { broken, type Sent } from '../../../support/forge/windows.ts';

const start = 1_800_000_000_000;
const fresh = freshPace({ server: 'https://github.com', source: 'GH_TOKEN' });
const told = { limit: 5000, remaining: 4000, resetsAt: start + 1_800_000, blockedUntil: null };

/** Reserves one turn after the other, all asked for at once. */
function burst(kind: RequestKind, times: number, given: { record?: PaceRecord; rules?: Rules } = {}) {
  let { record = fresh } = given;
  const at: number[] = [];
  for (let n = 0; n < times; n += 1) {
    const turn = reserveTurn(record, kind, { now: start, rules: given.rules ?? 'always' });
    at.push(turn.at - start);
    record = turn.record;
  }
  return { at, record };
}

describe('reserveTurn', () => {
  it('no reservations, at whatever times, break a window of GitHub', () => {
    const kinds = fc.constantFrom<RequestKind>('read', 'read', 'search', 'write', 'content', 'content');
    const step = fc.record({
      kind: kinds,
      times: fc.integer({ min: 1, max: 80 }),
      pauseMs: fc.integer({ max: 90_000, min: 0 }),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 25 }), (steps) => {
        let [now, record] = [start, fresh];
        const sent: Sent[] = [];
        for (const { kind, times, pauseMs } of steps) {
          now += pauseMs;
          for (let n = 0; n < times; n += 1) {
            const turn = reserveTurn(record, kind, { now, rules: 'always' });
            if (turn.at < now) return false;
            if (turn.at > now + 5 * 60_000) continue; // nobody waits so long
            sent.push({ kind, at: turn.at });
            record = turn.record;
          }
        }
        expect(broken(sent)).toBeNull();
        return JSON.stringify(record).length < 4_000; // the file does not grow
      }),
      { numRuns: 60 },
    );
  });

  it('reads go at once, writes a second apart', () => {
    expect(burst('read', 900).at.every((at) => at === 0)).toBe(true);
    expect(burst('write', 4).at).toEqual([0, 1000, 2000, 3000]);
  });

  it('the five-hundredth piece of content waits for the hour', () => {
    const { at } = burst('content', 501);
    expect(at[80]).toBeGreaterThan(60_000);
    expect(at[499]).toBeLessThan(500_000);
    expect(at[500]).toBeGreaterThan(3_600_000 - 60_000);
  });

  it('a read does not wait behind the writes that were reserved before it', () => {
    const { record } = burst('content', 60);
    expect(reserveTurn(record, 'read', { now: start, rules: 'always' }).at).toBe(start);
  });

  it.each<[Rules, PaceRecord, boolean]>([
    ['never', learned(fresh, told, start), false],
    ['when-told', fresh, false],
    ['when-told', learned(fresh, told, start), true],
  ])('rules %s', (rules, record, isPaced) => {
    expect(burst('content', 3, { record, rules }).at[2]).toBe(isPaced ? 2000 : 0);
  });

  it('nothing is asked while the forge has asked us to wait, nor with nothing left before the reset', () => {
    const blocked = learned(fresh, { ...told, remaining: null, limit: null, blockedUntil: start + 90_000 }, start);
    for (const rules of ['always', 'never'] as const)
      expect(reserveTurn(blocked, 'read', { now: start, rules }).at).toBe(start + 90_000);
    const spent = learned(fresh, { ...told, remaining: 0 }, start);
    expect(reserveTurn(spent, 'read', { now: start, rules: 'never' }).at).toBe(start + 1_801_000);
    expect(reserveTurn(spent, 'read', { now: start + 1_801_000, rules: 'never' }).at).toBe(start + 1_801_000);
  });

  it('what is left is counted down between two answers', () => {
    const { at } = burst('read', 4, { record: learned(fresh, { ...told, remaining: 3 }, start) });
    expect(at).toEqual([0, 0, 0, 1_801_000]);
  });

  it('times of another clock stop nothing', () => {
    const ahead = { ...burst('content', 500).record, nextWriteAt: start + 10 ** 9 };
    expect(reserveTurn(ahead, 'content', { now: start - 10 ** 8, rules: 'always' }).at).toBe(start - 10 ** 8);
  });
});

describe('learned', () => {
  it('an answer of an earlier window that arrives late says nothing', () => {
    const now = learned(fresh, told, start);
    expect(learned(now, { ...told, remaining: 1, resetsAt: start + 60_000 }, start)).toMatchObject({ remaining: 4000 });
    expect(learned(now, { ...told, remaining: 4999, resetsAt: start + 5_400_000 }, start)).toMatchObject({
      remaining: 4999,
    });
  });

  it('an answer that tells of no figures changes nothing but a block', () => {
    const now = learned(fresh, told, start);
    const nothing = { limit: null, remaining: null, resetsAt: null, blockedUntil: null };
    expect(learned(now, nothing, start)).toEqual(now);
    const blockedUntil = start + 50_000;
    expect(learned(now, { ...nothing, blockedUntil }, start)).toEqual({ ...now, blockedUntil });
  });

  it('a block is never shortened, and never believed for longer than a window lasts', () => {
    const blocked = learned(fresh, { ...told, blockedUntil: start + 90_000 }, start);
    expect(learned(blocked, told, start + 1000).blockedUntil).toBe(start + 90_000);
    expect(learned(blocked, told, start + 90_001).blockedUntil).toBeNull();
    const broken = learned(fresh, { ...told, remaining: 0, resetsAt: start * 1000 }, start);
    expect(reserveTurn(broken, 'read', { now: start, rules: 'never' }).at).toBe(start + 3_900_000);
    expect(reserveTurn(broken, 'read', { now: start + 3_901_001, rules: 'never' }).at).toBe(start + 3_901_001);
  });
});

it('contentLastHour counts what was created, not what is reserved', () => {
  const { record } = burst('content', 200);
  expect(contentLastHour(record.counts.contentHour, start)).toBeLessThan(81);
  expect(contentLastHour(record.counts.contentHour, start + 300_000)).toBe(200);
  expect(contentLastHour(record.counts.contentHour, start + 2 * 3_600_000)).toBe(0);
});
