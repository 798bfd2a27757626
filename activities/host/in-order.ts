import { availableParallelism } from 'node:os';
import PQueue from 'p-queue';

// Within one process is enough: a worker holds the lock of its state folder, so no other process writes there.
const tails = new Map<string, Promise<unknown>>();

/** Runs the jobs of one name one after the other, in the order of the calls; a failed one does not stop the next. */
export async function inOrder<T>(name: string, job: () => Promise<T>): Promise<T> {
  const before = tails.get(name) ?? Promise.resolve();
  const mine = before.then(job, job);
  const tail = mine.catch(() => undefined);
  tails.set(name, tail);
  try {
    return await mine;
  } finally {
    if (tails.get(name) === tail) tails.delete(name);
  }
}

const waiting = new Map<string, Promise<unknown>>();

/** Like `inOrder`, but calls that come before a job has started share it: its answer is still newer than their question. */
export function shared<T>(name: string, job: () => Promise<T>): Promise<T> {
  const known = waiting.get(name);
  if (known) return known as Promise<T>; // one name is one kind of job
  const mine = inOrder(name, () => {
    waiting.delete(name);
    return job();
  });
  waiting.set(name, mine);
  return mine;
}

const cores = new PQueue({ concurrency: availableParallelism() });

/** Runs a job that keeps a core busy, as many at once as there are cores. `alone`: no other such job runs or waits. */
export function onCore<T>(job: (alone: boolean) => Promise<T>): Promise<T> {
  const alone = cores.pending === 0;
  return cores.add(() => job(alone));
}
