import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { landings, type Landing } from '../../workflows/domain/settings.ts';
import { createHome } from '../support/e2e/e2e.ts';
import { startBatch } from './batch.ts';
import { makeGround } from './ground.ts';
import { judge } from './judge.ts';
import { randomIssues, torment } from './nemesis.ts';
import { createRandom } from './random.ts';

// The long form: `npm run chaos -- --seed 7 --issues 30 --blows 24 --width 4 --landing direct --keep`. One JSON line a
// blow; the same seed is the same schedule, not the same run. Exit 0: every invariant holds and all histories replay.
const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    issues: { type: 'string', default: '30' },
    blows: { type: 'string', default: '24' },
    width: { type: 'string', default: '4' },
    landing: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const landing = landingOf(values.landing ?? (seed % 2 === 0 ? 'none' : 'direct'));
const random = createRandom(seed);
const began = performance.now();
const say = (fact: object): void => {
  process.stdout.write(`${JSON.stringify({ s: Math.round((performance.now() - began) / 100) / 10, ...fact })}\n`);
};

// The programs of the ground look for each other among the processes of this machine.
const home = await createHome({ containment: 'sweep' });
say({ seed, landing, folder: home.root });
const issues = randomIssues(random, Number(values.issues)).map((issue) => {
  return landing === 'direct' && issue.outcome === 'approved' ? { ...issue, outcome: 'landed' as const } : issue;
});
const pauses = { setup: 300, check: 200, hook: 250 };
const ground = makeGround({ root: home.root, issues, width: Number(values.width), landing, pauses });
const batch = startBatch(home, ground);
const blows = await torment(batch, { random, times: Number(values.blows), say });
const settled = await batch.settled();
writeFileSync(join(home.root, 'words.txt'), batch.words());
const { faults, recoveries, replayed } = await judge(home, { ground, batch });
for (const fault of faults) say({ fault });
const sorted = recoveries.toSorted((a, b) => a - b);
const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
say({
  blows,
  kills: batch.kills.length,
  replayed,
  faults: faults.length,
  code: settled.code,
  recoveryS: { p50: at(0.5), p95: at(0.95) },
});
process.exitCode = faults.length === 0 && settled.code === 0 ? 0 : 1;
if (values.keep || process.exitCode !== 0) say({ kept: home.root });
else await home.remove();

function landingOf(name: string): Landing {
  const found = landings.find((each) => each === name);
  if (!found) throw new Error(`no landing policy ${name}`);
  return found;
}
