import { setTimeout as sleep } from 'node:timers/promises';
import { aimNames, type AimName } from './aims.ts';
import type { ChaosBatch, Victim } from './batch.ts';
import type { ChaosIssue } from './ground.ts';
import type { Random } from './random.ts';

/** What is done to a batch. */
type Blow =
  | { readonly kind: 'kill'; readonly victims: readonly Victim[] }
  /** Again while the next one is starting: its janitor is cut short. */
  | { readonly kind: 'kill twice'; readonly victims: readonly Victim[] }
  | { readonly kind: 'freeze' };

/** A client takes the growing pauses of its supervisor with it, so its share sets the pace. */
const blows: readonly (readonly [number, Blow])[] = [
  [32, { kind: 'kill', victims: ['worker'] }],
  [8, { kind: 'kill', victims: ['launcher'] }],
  [12, { kind: 'kill', victims: ['server'] }],
  [10, { kind: 'kill', victims: ['server', 'worker'] }],
  [5, { kind: 'kill', victims: ['client'] }],
  [12, { kind: 'kill', victims: ['client', 'worker'] }],
  [8, { kind: 'kill', victims: ['client', 'server', 'worker'] }],
  [8, { kind: 'kill twice', victims: ['worker'] }],
  [5, { kind: 'freeze' }],
];

/** Longest wait for a moment that was aimed at; not every batch has each of them left. */
const AIM_MS = 15_000;

/** Strikes as often as asked, by the seed: half of the time aimed at a moment, else after a while. Returns how often. */
export async function torment(
  batch: ChaosBatch,
  { random, times, say }: { random: Random; times: number; say: (fact: object) => void },
): Promise<number> {
  let done = 0;
  await batch.begun();
  while (done < times && !batch.isOver()) {
    const blow = random.pick(blows);
    const aim = random.chance(0.5) ? random.pick(aimNames.map((name) => [1, name] as const)) : null;
    const pauseMs = random.between(200, 6_000);
    const forMs = random.between(500, blow.kind === 'freeze' ? 30_000 : 4_000);
    if (!(await waited(batch, aim, pauseMs))) continue;
    const why = aim ?? `after ${pauseMs} ms`;
    say({ blow: ++done, ...blow, why, ...(blow.kind === 'kill' ? {} : { forMs }) });
    await deal(batch, blow, { why, forMs });
  }
  return done;
}

async function deal(batch: ChaosBatch, blow: Blow, { why, forMs }: { why: string; forMs: number }): Promise<void> {
  switch (blow.kind) {
    case 'freeze':
      return batch.freeze(forMs);
    case 'kill twice':
      await batch.strike(blow.victims, why);
      await sleep(forMs);
      return batch.kill(blow.victims, `${why}, again`);
    case 'kill':
      return batch.kill(blow.victims, why);
  }
}

/** Issues of all kinds, by the seed. */
export function randomIssues(random: Random, count: number): readonly ChaosIssue[] {
  const issues: ChaosIssue[] = [];
  for (let number = 1; number <= count; number++) {
    const before = issues.filter(() => random.chance(0.08)).map(({ id }) => id);
    issues.push({ id: `n${number}`, ...randomWork(random), dependencies: before.slice(0, 2) });
  }
  return issues;
}

function randomWork(random: Random): Pick<ChaosIssue, 'outcome' | 'script'> {
  if (random.chance(0.1)) return { outcome: 'no-change', script: { end: 'no-change' } };
  return {
    outcome: 'approved',
    script: {
      steps: random.between(1, 4),
      sleepMs: random.between(0, 800),
      files: random.chance(0.3) ? random.between(100, 600) : random.between(0, 3),
      child: random.chance(0.3),
      verdicts: random.chance(0.3) ? ['needs-work', 'approved'] : ['approved'],
    },
  };
}

async function waited(batch: ChaosBatch, aim: AimName | null, pauseMs: number): Promise<boolean> {
  if (aim !== null) return batch.moment(aim, AIM_MS);
  await sleep(pauseMs);
  return !batch.isOver();
}
