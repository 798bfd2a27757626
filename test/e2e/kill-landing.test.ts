import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { startBatch } from '../chaos/batch.ts';
import { makeGround } from '../chaos/ground.ts';
import { judge } from '../chaos/judge.ts';
import { createHome, type Home } from '../support/e2e/e2e.ts';

let home: Home;
beforeEach(async () => {
  // The programs of the ground look for each other among the processes of this machine.
  home = await createHome({ containment: 'sweep' });
});
afterEach(() => home.remove());

describe.skipIf(!inject('temporal'))('a batch that lands', () => {
  test('lands each issue once, however its worker is killed on the way', { timeout: 480_000 }, async () => {
    const ground = makeGround({
      root: home.root,
      width: 2,
      landing: 'direct',
      pauses: { setup: 100, check: 500, hook: 500 },
      issues: [
        { id: 'a', outcome: 'landed', script: { steps: 2, sleepMs: 300, child: true } },
        { id: 'b', outcome: 'landed', script: { steps: 1, sleepMs: 300 } },
        { id: 'c', outcome: 'landed', dependencies: ['a', 'b'], script: { steps: 1 } },
      ],
    });
    const batch = startBatch(home, ground);
    await batch.killAt('agent has ended');
    await batch.killAt('check under way', ['client', 'worker']);
    await batch.killAt('landing under way');
    await batch.killAt('landing has arrived');
    const { code } = await batch.settled();
    const { faults, recoveries } = await judge(home, { ground, batch });
    process.stderr.write(`seconds from a kill to the next start: ${recoveries.join(' ')}\n`);
    expect(faults).toEqual([]);
    expect(code).toBe(0);
  });
});
