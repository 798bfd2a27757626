import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { startBatch } from '../chaos/batch.ts';
import { makeGround } from '../chaos/ground.ts';
import { judge } from '../chaos/judge.ts';
import { createHome, type Home } from '../support/e2e/e2e.ts';
import { until } from '../support/processes.ts';

let home: Home;
beforeEach(async () => {
  // The programs of the ground look for each other among the processes of this machine.
  home = await createHome({ containment: 'sweep' });
});
afterEach(() => home.remove());

describe.skipIf(!inject('temporal'))('a batch whose server is killed', () => {
  test(
    'goes on where it was: server, worker and client, each alone and all at once',
    { timeout: 480_000 },
    async () => {
      const ground = makeGround({
        root: home.root,
        width: 2,
        landing: 'none',
        pauses: { setup: 100, check: 100, hook: 100 },
        // A chain, so that there is work left however long a client takes to be back.
        issues: [
          { id: 'a', outcome: 'approved', script: { steps: 3, sleepMs: 500, child: true } },
          { id: 'b', outcome: 'approved', script: { steps: 3, sleepMs: 500, verdicts: ['needs-work', 'approved'] } },
          { id: 'c', outcome: 'approved', dependencies: ['a'], script: { steps: 3, sleepMs: 500 } },
          { id: 'd', outcome: 'approved', dependencies: ['c'], script: { steps: 3, sleepMs: 500 } },
          { id: 'e', outcome: 'approved', dependencies: ['d'], script: { steps: 3, sleepMs: 500 } },
          { id: 'f', outcome: 'no-change', script: { end: 'no-change' } },
        ],
      });
      const batch = startBatch(home, ground);
      await batch.moment('agent at work', 90_000);
      const before = await home.server();
      await batch.kill(['server'], 'agents at work');
      expect(await until(async () => (await home.server()) !== null, 60_000)).toBe(true);
      const after = await home.server();
      await batch.killAt('agent at work', ['client', 'server']);
      await batch.killAt('agent at work', ['server', 'worker']);
      await batch.killAt('review under way', ['client']);
      await batch.killAt('agent at work', ['client', 'server', 'worker']);
      const { code, view } = await batch.settled();
      const { faults, recoveries } = await judge(home, { ground, batch });
      process.stderr.write(`seconds from a kill to the next start: ${recoveries.join(' ')}\n`);
      expect(faults).toEqual([]);
      expect({ code, state: view.state }).toEqual({ code: 0, state: 'done' });
      expect(after).toMatchObject({ address: before!.address });
      expect(after!.pid).not.toBe(before!.pid);
    },
  );
});
