import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nightEnd, nightOf, openLedger } from '../../../activities/attempt/ledger.ts';
import { leastOf } from '../../support/growth.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-ledger-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const evening = new Date(2026, 10, 24, 22).getTime();
const hour = 3_600_000;
const entry = (issue: string, attempt = 1, batch = 'night') => ({ batch, issue, attempt });
const cost = (costUsd: number) => ({ inputTokens: 1, outputTokens: 0, cachedTokens: 0, costUsd });

test('a night is from noon to noon', () => {
  expect(nightOf(evening)).toBe('2026-11-24');
  expect(nightOf(evening + 13 * hour)).toBe('2026-11-24');
  expect(nightOf(evening + 15 * hour)).toBe('2026-11-25');
  expect(nightEnd(evening)).toBe(new Date(2026, 10, 25, 12).getTime());
  expect(nightEnd(evening + 13 * hour)).toBe(nightEnd(evening));
});

test('what attempts use counts at once, each attempt once, for its batch and for the night', async () => {
  const ledger = await openLedger(folder, () => evening);
  ledger.note(entry('a'), cost(1));
  ledger.note(entry('a'), cost(1.5));
  ledger.note(entry('a', 2), cost(1));
  ledger.note(entry('b', 1, 'other'), cost(4));
  expect(ledger.batch('night').costUsd).toBe(2.5);
  expect(ledger.night().costUsd).toBe(6.5);
});

test('what was kept is there after a restart, a torn line is not, and a new night begins with nothing', async () => {
  const ledger = await openLedger(folder, () => evening);
  ledger.note(entry('a'), cost(1));
  await ledger.keep(entry('a'));
  ledger.note(entry('a'), cost(2));
  await ledger.keep(entry('a'));
  ledger.note(entry('b'), cost(100));
  expect(await readdir(folder)).toEqual(['2026-11-24.jsonl']);
  await appendFile(join(folder, '2026-11-24.jsonl'), '{"batch":"night","iss');
  const again = await openLedger(folder, () => evening + 24 * hour);
  expect(again.batch('night').costUsd).toBe(2);
  expect(again.night().costUsd).toBe(0);
  again.note(entry('a', 2), cost(3));
  expect(again.night().costUsd).toBe(3);
  expect(again.batch('night').costUsd).toBe(5);
});

test('what is corrected again and again does not drift, and leaves no crumbs', async () => {
  const ledger = await openLedger(folder, () => evening);
  ledger.note(entry('b'), cost(0.3));
  for (let step = 1; step <= 10_000; step++) ledger.note(entry('a'), cost(step * 0.1));
  expect(ledger.batch('night')).toEqual({ inputTokens: 2, outputTokens: 0, cachedTokens: 0, costUsd: 1000.3 });
  ledger.note(entry('a'), cost(0));
  expect([ledger.batch('night').costUsd, ledger.night().costUsd]).toEqual([0.3, 0.3]);
});

test('an event costs the same however long the ledger is', async () => {
  const ledger = await openLedger(folder, () => evening);
  const grow = (from: number, to: number) => {
    for (let each = from; each < to; each++) ledger.note(entry(`${each}`), cost(0.01));
  };
  const events = () => {
    for (let each = 0; each < 1_000; each++) {
      ledger.note(entry('0'), cost(each));
      ledger.batch('night');
      ledger.night();
    }
  };
  grow(0, 2_000);
  const before = leastOf(events);
  grow(2_000, 100_000);
  expect(leastOf(events)).toBeLessThan(5 * before + 20); // fifty times as long, and a sum of all of it costs as much
});
