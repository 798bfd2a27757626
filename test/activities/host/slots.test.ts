import { expect, test } from 'vitest';
import { createSlots, type Urgency } from '../../../activities/host/slots.ts';

const never = new AbortController().signal;

/** A piece of work that ends when it is told to. */
function piece() {
  let end: () => void = () => {};
  const done = new Promise<void>((resolve) => (end = resolve));
  return { work: () => done, end };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('no more than the capacity work at once, and follow-ups go before first steps', async () => {
  const slots = createSlots(1);
  const begun: string[] = [];
  const pieces = new Map<string, ReturnType<typeof piece>>();
  const ask = (name: string, urgency: Urgency): Promise<void> => {
    const own = piece();
    pieces.set(name, own);
    return slots.hold(urgency, never, () => {
      begun.push(name);
      return own.work();
    });
  };
  const all = [ask('a', 'first-step'), ask('b', 'first-step'), ask('c', 'follow-up'), ask('d', 'follow-up')];
  await turn();
  expect(begun).toEqual(['a']);
  for (const [ended, next] of [
    ['a', 'c'],
    ['c', 'd'],
    ['d', 'b'],
  ] as const) {
    pieces.get(ended)?.end();
    await turn();
    expect(begun.at(-1)).toBe(next);
    expect(slots.taken()).toBe(1);
  }
  pieces.get('b')?.end();
  await Promise.all(all);
  expect(slots.taken()).toBe(0);
});

test('a wait that is aborted throws the reason and leaves no gap', async () => {
  const slots = createSlots(1);
  const first = piece();
  const holder = slots.hold('first-step', never, first.work);
  const abort = new AbortController();
  const reason = new Error('cancelled by a person');
  const waiting = slots.hold('follow-up', abort.signal, () => Promise.resolve('never'));
  abort.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  await expect(slots.hold('follow-up', abort.signal, () => Promise.resolve('never'))).rejects.toBe(reason);
  first.end();
  await holder;
  expect(slots.taken()).toBe(0);
  expect(await slots.hold('first-step', never, () => Promise.resolve('in'))).toBe('in');
});

test('work that is aborted keeps its slot until it has ended', async () => {
  const slots = createSlots(1);
  const abort = new AbortController();
  const stopping = piece();
  const held = slots.hold('first-step', abort.signal, stopping.work);
  abort.abort(new Error('cancelled by a person'));
  let entered = false;
  const next = slots.hold('follow-up', never, async () => {
    entered = true;
  });
  await turn();
  expect(entered).toBe(false);
  expect(slots.taken()).toBe(1);
  stopping.end();
  await expect(held).resolves.toBeUndefined();
  await next;
  expect(entered).toBe(true);
});

test('work that throws gives its slot back', async () => {
  const slots = createSlots(1);
  await expect(slots.hold('first-step', never, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(slots.taken()).toBe(0);
});

test.each([0, -1, 1.5, Number.NaN])('a capacity of %s is refused', (capacity) => {
  expect(() => createSlots(capacity)).toThrow('at least one slot');
});
