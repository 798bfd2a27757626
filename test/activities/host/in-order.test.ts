import { availableParallelism } from 'node:os';
import { expect, it } from 'vitest';
import { inOrder, onCore, shared } from '../../../activities/host/in-order.ts';

/** A job that ends when it is told to. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

it('jobs of one name run in the order of their calls, also after one that failed', async () => {
  const seen: number[] = [];
  const first = gate();
  const failing = inOrder('a', async () => {
    await first.opened;
    seen.push(1);
    throw new Error('first failed');
  });
  const second = inOrder('a', () => Promise.resolve(seen.push(2)));
  await inOrder('b', () => Promise.resolve(seen.push(0)));
  first.open();
  await expect(failing).rejects.toThrow('first failed');
  await second;
  expect(seen).toEqual([0, 1, 2]);
});

it('callers share a job that has not begun, and never one that has', async () => {
  let runs = 0;
  const running = gate();
  const job = async () => {
    const mine = (runs += 1);
    await running.opened;
    return mine;
  };
  const first = shared('fetch', job);
  await Promise.resolve().then(() => undefined);
  const later = [shared('fetch', job), shared('fetch', job), shared('fetch', job)];
  running.open();
  expect(await first).toBe(1);
  expect(await Promise.all(later)).toEqual([2, 2, 2]);
});

it('no more jobs at once than there are cores, and all of them run', async () => {
  let [now, most, done] = [0, 0, 0];
  const jobs = Array.from({ length: 20 }, () =>
    onCore(async () => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setImmediate(resolve));
      now -= 1;
      done += 1;
      if (done === 5) throw new Error('one fails');
    }),
  );
  const results = await Promise.allSettled(jobs);
  expect(results.filter((each) => each.status === 'rejected')).toHaveLength(1);
  expect([most, done]).toEqual([availableParallelism(), 20]);
});
