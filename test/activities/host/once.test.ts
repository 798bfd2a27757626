import { expect, test } from 'vitest';
import { once } from '../../../activities/host/once.ts';

test('asks once for each value, also while the first answer is on its way', async () => {
  const asked: number[] = [];
  const double = once(async (n: number) => {
    asked.push(n);
    return 2 * n;
  });
  expect(await Promise.all([double(1), double(2), double(1)])).toEqual([2, 4, 2]);
  expect(await double(2)).toBe(4);
  expect(asked).toEqual([1, 2]);
});

test('a failure is told to everybody who asked, and is not remembered', async () => {
  let tries = 0;
  const me = once(async () => {
    tries += 1;
    if (tries === 1) throw new Error('the server is away');
    return 'bot';
  });
  const asked = await Promise.allSettled([me(), me()]);
  expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await me()).toBe('bot');
  expect(tries).toBe(2);
});
