import type { Carried, Settled } from '../domain/batch/batch.ts';
import type { DependencyWork } from '../domain/issue.ts';
import type { Schedule } from '../domain/batch/schedule.ts';
import type { Standing } from '../domain/batch/standing.ts';

/** Approved work that a batch carries over besides what queued issues need: for issues added later, 60 KB at most. */
const SPARE_WORK = 1_000;

/** Approved work of a batch that has not landed, by the index of its issue: what dependents start on. */
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
    /** What an issue starts on, in plan order. */
    below: (index: number): DependencyWork[] =>
      schedule.dependencies(index).flatMap((each) => {
        const done = work.get(each);
        const { id, key } = schedule.issues[each]!;
        return done ? [{ id, key, sha: done.sha, pullRequest: done.pullRequest }] : [];
      }),
    carry(): Carried['work'] {
      const spare = [...work.keys()].filter((index) => !isNeeded(index)).slice(0, -SPARE_WORK);
      const dropped = new Set(spare);
      return [...work].flatMap(([index, { sha, pullRequest }]) =>
        dropped.has(index) ? [] : [[index, sha, pullRequest] as const],
      );
    },
  };
}
