import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { startBatch } from '../chaos/batch.ts';
import { makeGround } from '../chaos/ground.ts';
import { judge } from '../chaos/judge.ts';
import { createHome, type Home } from '../support/e2e.ts';

const pauses = { setup: 600, check: 200, hook: 400 };
let home: Home;
beforeEach(async () => {
  home = await createHome();
});
afterEach(() => home.remove());

describe.skipIf(!inject('temporal'))('a batch whose worker is killed', () => {
  test('in every step up to the private ref ends as if nothing had happened', { timeout: 240_000 }, async () => {
    const ground = makeGround({
      root: home.root,
      width: 2,
      landing: 'none',
      pauses,
      issues: [
        { id: 'a', outcome: 'approved', script: { steps: 2, sleepMs: 400, files: 800, child: true } },
        {
          id: 'b',
          outcome: 'approved',
          script: { steps: 2, sleepMs: 400, files: 800, verdicts: ['needs-work', 'approved'] },
        },
        { id: 'c', outcome: 'no-change', script: { end: 'no-change' } },
        { id: 'd', outcome: 'approved', dependencies: ['a'], script: { steps: 1, sleepMs: 300 } },
      ],
    });
    const batch = startBatch(home, ground);
    await batch.killAt('set-up under way');
    await batch.killAt('agent has a child');
    await batch.killAt('end is journalled');
    await batch.killAt('work is on its private ref', ['client', 'worker']);
    await batch.killAt('check under way');
    await batch.killAt('push under way');
    await batch.killAt('push has arrived', ['client', 'worker']);
    await batch.killAt('pull request is on disk');
    await batch.killAt('review under way');
    await batch.killAt('review is posted');
    const settled = await batch.settled();
    const { faults, recoveries, replayed } = await judge(home, { ground, batch });
    process.stderr.write(
      `${batch.words()}\nrecoveries ${recoveries.join(' ')} s, replayed ${replayed}, code ${settled.code}\n`,
    );
    expect(faults).toEqual([]);
    expect(settled.code).toBe(0);
  });
});
