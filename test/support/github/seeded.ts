import type { Fault, Faulted, FaultKind, FaultMoment } from './faults.ts';

/** Numbers in [0, 1) that a seed decides (mulberry32). */
export type Dice = () => number;

export function diceOf(seed: number): Dice {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function oneOf<T>(dice: Dice, from: readonly T[]): T {
  return from[Math.floor(dice() * from.length)] as T;
}

const kinds: readonly FaultKind[] = [
  'reset',
  'server-error',
  'bad-gateway',
  'too-many-requests',
  'secondary-limit',
  'truncated',
  'html',
  'slow',
];

const moments: readonly FaultMoment[] = ['before', 'after', 'instead'];

/** A fault for about one request in five, more on writes, whatever the operation; at most `most` of them. */
export function seededFaults(dice: Dice, most: number): (request: Faulted) => Fault | null {
  let count = 0;
  return ({ method }) => {
    const chance = method === 'GET' ? 0.12 : 0.4;
    if (count >= most || dice() >= chance) return null;
    count += 1;
    return { kind: oneOf(dice, kinds), moment: oneOf(dice, moments), retryAfter: 0, ms: 1 };
  };
}
