/** Times that each size is measured: the least of them is what the work costs, the rest is what else went on. */
const TRIES = 4;

/** Below this a measurement is noise; milliseconds of CPU. */
const FLOOR_MS = 4;

/**
 * How many times as much four times the input costs, in CPU time of this process and in one run: about 4 where the cost
 * is linear, 16 where it is quadratic. How fast the machine is, and what else it does, has no say in it.
 */
export function growthOf(job: (size: number) => unknown, size: number): number {
  job(size); // compiled by now
  const [small, large] = [size, 4 * size].map((each) => leastOf(() => job(each)));
  return Math.max(large!, FLOOR_MS) / Math.max(small!, FLOOR_MS);
}

/** Least CPU time that a job took, milliseconds. */
export function leastOf(job: () => unknown): number {
  return Math.min(...Array.from({ length: TRIES }, () => cpuOf(job)));
}

function cpuOf(job: () => unknown): number {
  const before = process.cpuUsage();
  job();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** More than linear, less than quadratic: what `growthOf` has to stay below. */
export const LINEAR = 9;
