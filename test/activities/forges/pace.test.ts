import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPace, type PacePlace } from '../../../activities/forges/pace.ts';
import { acquireLock } from '../../../client/state/lock.ts';
import { paceRoot, readPaces } from '../../../client/state/pace.ts';
import { paceLine } from '../../../client/render/pace.ts';
import type { RequestKind, Rules } from '../../../workflows/domain/forge/pace.ts';
import { fixture, output, run } from '../../client/fixtures/run.ts';
import { broken, type Sent } from '../../support/forge/windows.ts';

const id = '0123456789abcdef';
const start = 1_800_000_000_000;
let cache: string;
let root: string;
let now: number;
let slept: number[];
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'millrace-pace-'));
  [root, now, slept] = [paceRoot(cache), start, []];
});
afterEach(() => rm(cache, { recursive: true, force: true }));

/** A pace on a clock of its own. */
const paced = (change: Partial<PacePlace> & { rules?: Rules } = {}) => {
  const { rules = 'always', ...rest } = change;
  const sleep = async (ms: number) => {
    slept.push(ms);
    now += ms;
  };
  const place = { root, lock: acquireLock, clock: () => now, sleep, ...rest };
  return createPace(place, { credential: { id, source: 'GH_TOKEN' }, server: 'https://github.com', rules });
};
const told = { limit: 5000, remaining: 4812, resetsAt: start + 1_200_000, blockedUntil: null };

describe('createPace', () => {
  it('waits for its turn, and a second worker waits behind it', async () => {
    const [one, two] = [paced(), paced()];
    await one.turn('read');
    await one.turn('content');
    expect(slept).toEqual([]);
    await two.turn('content');
    await one.turn('write');
    expect(slept).toEqual([1000, 1000]);
  });

  it('a wait that is longer than five minutes is Temporal’s, and takes no turn', async () => {
    const pace = paced();
    await pace.learn({ ...told, blockedUntil: start + 600_000 });
    const error = await pace.turn('read').catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'ForgeError', kind: 'rate-limit', retryAfterMs: 600_000 });
    expect(String(error)).toContain(`GH_TOKEN until ${new Date(start + 600_000).toISOString()}`);
    now = start + 600_000;
    await pace.turn('read');
    expect(slept).toEqual([]);
  });

  it('who is told to stop while it waits goes on waiting', async () => {
    const other = paced();
    const pace = paced({
      sleep: async (ms) => {
        slept.push(ms);
        now += ms;
        if (slept.length === 1) await other.learn({ ...told, blockedUntil: now + 60_000 });
      },
    });
    await pace.turn('write');
    await pace.turn('write');
    expect(slept).toEqual([1000, 60_000]);
  });

  it('an abort ends the wait with its own reason', async () => {
    const place = { root, lock: acquireLock };
    const pace = createPace(place, {
      credential: { id, source: 'GH_TOKEN' },
      server: 'https://github.com',
      rules: 'always',
    });
    await pace.turn('write');
    await pace.learn({ limit: null, remaining: null, resetsAt: null, blockedUntil: Date.now() + 60_000 });
    const stop = new AbortController();
    const waiting = pace.turn('write', stop.signal);
    const reason = new Error('stop it');
    stop.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(pace.turn('read', stop.signal)).rejects.toBe(reason);
  });

  it('keeps no secret and no list: a small file for this user alone, and a torn one is forgotten', async () => {
    const pace = paced();
    for (let n = 0; n < 50; n += 1) await pace.turn('read');
    const file = join(root, `${id}.json`);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await readFile(file, 'utf8')).length).toBeLessThan(600);
    await writeFile(file, '{"version":1,"server":');
    await pace.turn('write');
    expect(slept).toEqual([]);
  });

  it('a process that died with the lock blocks nobody, and one that lives is waited for', async () => {
    const holder = run(fixture('hold-lock', join(root, `${id}.lock`)));
    await once(holder.stdout!, 'data');
    const impatient = paced({ lock: (folder) => acquireLock(folder, 50) });
    await expect(impatient.turn('read')).rejects.toMatchObject({ kind: 'rate-limit', retryAfterMs: 10_000 });
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    await impatient.turn('read');
  });

  it('processes with random requests never break a window together', async () => {
    const journal = join(cache, 'journal');
    await writeFile(journal, '');
    const env = { ...process.env, BEGIN: String(start) };
    const children = ['7', '1234567'].map((seed) => run(fixture('take-turns', root, journal, seed, '200'), env));
    const ends = await Promise.all(children.map(output));
    expect(ends.map(({ code }) => code)).toEqual([0, 0]);
    const lines = (await readFile(journal, 'utf8')).trim().split('\n');
    const sent = lines.map((line): Sent => ({
      kind: line.split(' ')[0] as RequestKind,
      at: Number(line.split(' ')[1]),
    }));
    expect(lines.filter((line) => line.endsWith('never'))).toEqual([]);
    expect(sent.length).toBe(400);
    expect(new Set(sent.map(({ kind }) => kind)).size).toBe(4);
    expect(lines.filter((line) => line.endsWith('after a wait')).length).toBeGreaterThan(50);
    expect(broken(sent)).toBeNull();
  });

  it('a hundred turns at once are a hundred changes of the file, one after the other, and no more', async () => {
    let [taken, atOnce, most] = [0, 0, 0];
    const lock: PacePlace['lock'] = async (folder, waitMs) => {
      const held = await acquireLock(folder, waitMs);
      taken += 1;
      most = Math.max(most, (atOnce += 1));
      return { release: () => ((atOnce -= 1), held.release()) };
    };
    const pace = paced({ lock });
    await Promise.all(Array.from({ length: 100 }, () => pace.turn('read')));
    expect([taken, most, slept]).toEqual([100, 1, []]);
  });
});

describe('what status shows', () => {
  it('is what the workers know, in one line', async () => {
    const pace = paced();
    await pace.learn(told);
    await pace.turn('content');
    const [view] = await readPaces(cache, now);
    expect(view).toEqual({
      ...told,
      server: 'https://github.com',
      source: 'GH_TOKEN',
      remaining: 4811,
      writesLastHour: 1,
    });
    expect(paceLine(view!)).toMatch(
      /^https:\/\/github\.com \(GH_TOKEN\): 4,811 of 5,000 requests left until \d\d:\d\d, 1 of 500 writes in the last hour$/,
    );
    expect(await readPaces(cache, start + 1_200_000)).toMatchObject([{ remaining: 5000, resetsAt: null }]);
  });

  it('a server without limits has a line, too, and broken files have none', async () => {
    const pace = paced({ rules: 'never' });
    await pace.learn({ limit: null, remaining: null, resetsAt: null, blockedUntil: start + 60_000 });
    await writeFile(join(root, 'torn.json'), '{');
    const [view, ...others] = await readPaces(cache, now);
    expect(others).toEqual([]);
    expect(paceLine(view!)).toMatch(
      /: no limit of requests is told, 0 writes in the last hour; it takes none until \d\d:\d\d$/,
    );
    expect(await readPaces(join(cache, 'nowhere'))).toEqual([]);
  });
});
