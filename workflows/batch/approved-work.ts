import type { Carried, Settled } from '../domain/batch/batch.ts';
import type { DependencyWork } from '../domain/issue.ts';
import type { Schedule } from '../domain/batch/schedule.ts';
import type { Standing } from '../domain/batch/standing.ts';

/** Most work that is carried over although no queued issue needs it: for issues added later; 60 KB at most. */
const SPARE_WORK = 1_000;

/** The approved work of a batch that has not landed: what dependents start on. */
export type ApprovedWork = ReturnType<typeof createApprovedWork>;

/** Collects the approved work of one run of a batch, by the index of its issue; begins with what was carried over. */
export function createApprovedWork(schedule: Schedule, carried: Carried | null) {
  const work = new Map<number, { sha: string; pullRequest: number | null }>(
    carried?.work.map(([index, sha, pullRequest]) => [index, { sha, pullRequest }]),
  );
  const isNeeded = (index: number) => schedule.dependents(index).some((each) => schedule.standing(each) === 'queued');

  return {
    /** Notes where an issue came to rest. */
    settle(index: number, standing: Standing, { sha, pullRequest }: Settled) {
      if (standing === 'approved' && sha !== null) work.set(index, { sha, pullRequest });
      else work.delete(index);
    },
    /** The work that an issue starts on, in plan order. */
    below: (index: number): DependencyWork[] =>
      schedule.dependencies(index).flatMap((each) => {
        const done = work.get(each);
        const { id, key } = schedule.issues[each]!;
        return done ? [{ id, key, sha: done.sha, pullRequest: done.pullRequest }] : [];
      }),
    /** What the next run has to know: all that a queued issue needs, and the newest of the rest. */
    carry(): Carried['work'] {
      const spare = [...work.keys()].filter((index) => !isNeeded(index)).slice(0, -SPARE_WORK);
      const dropped = new Set(spare);
      return [...work].flatMap(([index, { sha, pullRequest }]) =>
        dropped.has(index) ? [] : [[index, sha, pullRequest] as const],
      );
    },
  };
}
