import type { Skip } from './selection.ts';

/** An issue that wants one of the places. */
export interface Offered {
  readonly number: number;
  readonly skip: Skip | null;
  /** Numbers of the selection's issues that have to be done first. */
  readonly blockers: readonly number[];
}

/** Who gets the places of a limit. */
export interface Choice {
  /** Places that are left; `Infinity`: there is no limit. */
  left(): number;
  /** Offers the next one in order; it may get its place later, once what blocks it has one. */
  offer(issue: Offered): void;
  /** Why an offered issue has no place; null: it has one, or its own reason, or that of what blocks it. */
  reasonFor(number: number): string | null;
}

/**
 * Gives places in order, but none to an issue whose blockers are neither done nor chosen: it would only wait, and what
 * it waits for might never be started. `beside`: issues that have their place already.
 */
export function createChoice(limit: number | null, beside: Iterable<number>): Choice {
  let left = limit ?? Number.POSITIVE_INFINITY;
  const free = new Set(beside); // blocks nobody: it has its place, or is done
  const offered = new Set<number>();
  const waiting = new Map<number, Offered>();
  const isReady = ({ blockers }: Offered) => blockers.every((each) => free.has(each));

  /** Each that gets its place may free others; the first in order comes first. */
  const settle = () => {
    for (;;) {
      const next = left > 0 ? [...waiting.values()].find(isReady) : undefined;
      if (next === undefined) return;
      left -= 1;
      waiting.delete(next.number);
      free.add(next.number);
    }
  };

  return {
    left: () => left,
    offer(issue) {
      offered.add(issue.number);
      if (issue.skip === null) waiting.set(issue.number, issue);
      else if (issue.skip.satisfies) free.add(issue.number);
      settle();
    },
    reasonFor(number) {
      const issue = waiting.get(number);
      if (issue === undefined) return null;
      const blocker = issue.blockers.find((each) => !free.has(each));
      if (blocker === undefined) return 'the limit was reached before its turn: what it waits for went first';
      return offered.has(blocker) ? null : `it waits for #${blocker}, which the limit left out`;
    },
  };
}
