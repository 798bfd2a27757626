import type { Skip } from './selection.ts';

/** An issue that asks for one of the limit's places. */
export interface Offered {
  readonly number: number;
  readonly skip: Skip | null;
  /** Numbers of the selection's issues that have to be done first. */
  readonly blockers: readonly number[];
}

/** A limit on the number of issues, and who has its places. */
export interface IssueLimit {
  /** Places that are left; `Infinity`: there is no limit. */
  left(): number;
  /** Offers the next issue in order; it may get its place later, once its blockers have theirs. */
  offer(issue: Offered): void;
  /** Why an offered issue has no place; null: it has one, or a reason of its own, or its blocker has one. */
  reasonFor(number: number): string | null;
}

/**
 * Gives places in order, but none to an issue whose blockers are neither done nor chosen: it would only wait, and its
 * blockers might never be started. `beside`: issues that have their place already.
 */
export function createIssueLimit(limit: number | null, beside: Iterable<number>): IssueLimit {
  let left = limit ?? Number.POSITIVE_INFINITY;
  const free = new Set(beside); // these block nobody: they have their place, or are done
  const offered = new Set<number>();
  const waiting = new Map<number, Offered>();
  const isReady = ({ blockers }: Offered) => blockers.every((each) => free.has(each));

  /** Gives places, to the first ready issue in order, while there are both: each place may make others ready. */
  const assign = () => {
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
      assign();
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
