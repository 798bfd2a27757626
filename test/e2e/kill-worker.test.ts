import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { startBatch } from '../chaos/batch.ts';
import { makeGround } from '../chaos/ground.ts';
import { judge } from '../chaos/judge.ts';
import { randomIssues, torment } from '../chaos/nemesis.ts';
import { createRandom } from '../chaos/random.ts';
import { createHome, type Home } from '../support/e2e/e2e.ts';

let home: Home;
beforeEach(async () => {
  // The programs of the ground look for each other among the processes of this machine.
  home = await createHome({ containment: 'sweep' });
});
afterEach(() => home.remove());

describe.skipIf(!inject('temporal'))('a batch whose worker is killed', () => {
  test('in every step of an issue ends as if nothing had happened', { timeout: 480_000 }, async () => {
    const ground = makeGround({
      root: home.root,
      width: 2,
      landing: 'none',
      pauses: { setup: 500, check: 100, hook: 400 },
      issues: [
        { id: 'a', outcome: 'approved', script: { steps: 2, sleepMs: 300, files: 800, child: true } },
        {
          id: 'b',
          outcome: 'approved',
          script: { steps: 2, sleepMs: 300, files: 800, verdicts: ['needs-work', 'approved'] },
        },
        { id: 'c', outcome: 'no-change', script: { end: 'no-change' } },
        { id: 'd', outcome: 'approved', dependencies: ['a'], script: { steps: 1, sleepMs: 300 } },
      ],
    });
    const batch = startBatch(home, ground);
    // A new client starts with the shortest pause again: without it the pauses would double nine times.
    await batch.killAt('set-up under way');
    await batch.killAt('agent has a child');
    await batch.killAt('end is journalled', ['client', 'worker']);
    await batch.killAt('work is on its private ref');
    await batch.killAt('push under way', ['client', 'worker']);
    await batch.killAt('push has arrived');
    await batch.killAt('pull request is on disk', ['client', 'worker']);
    await batch.killAt('review under way');
    await batch.killAt('review is posted');
    await expectWell(ground, batch);
  });

  test(
    'at random, with its server and its client now and then, ends as its plan says',
    { timeout: 480_000 },
    async () => {
      // The same schedule in each run, so that red says something; `npm run chaos` and this variable have others.
      const seed = Number(process.env['MILLRACE_CHAOS_SEED'] ?? 271_828);
      process.stderr.write(`MILLRACE_CHAOS_SEED=${seed}\n`);
      const random = createRandom(seed);
      const ground = makeGround({
        root: home.root,
        width: 3,
        landing: 'none',
        pauses: { setup: 200, check: 100, hook: 200 },
        issues: randomIssues(random, 6),
      });
      const batch = startBatch(home, ground);
      await torment(batch, { random, times: 4, say: (fact) => process.stderr.write(`${JSON.stringify(fact)}\n`) });
      await expectWell(ground, batch);
    },
  );
});

async function expectWell(ground: Parameters<typeof judge>[1]['ground'], batch: ReturnType<typeof startBatch>) {
  const { code } = await batch.settled();
  const { faults, recoveries } = await judge(home, { ground, batch });
  process.stderr.write(`seconds from a kill to the next start: ${recoveries.join(' ')}\n`);
  expect(faults).toEqual([]);
  expect(code).toBe(0);
}
