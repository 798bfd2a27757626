import { CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest';
import type { Pulse } from '../../activities/attempt/pulse.ts';
import { beating, withHeartbeat } from '../../activities/heartbeat.ts';
import { noUsage, type AttemptHeartbeat } from '../../workflows/domain/attempt.ts';

const quiet = new DefaultLogger('ERROR', () => undefined);

const first: AttemptHeartbeat = {
  host: 'a-host-with-a-long-name',
  session: '6cf70c2d-0000-4000-8000-000000000000',
  phase: 'running',
  lastLine: '',
  bytes: 123_456_789,
  usage: { inputTokens: 1e12, outputTokens: 1e12, cachedTokens: 1e12, costUsd: 123.456789 },
};

function underFacts(body: (pulse: Pulse) => Promise<unknown>) {
  const environment = new MockActivityEnvironment({}, { logger: quiet });
  const beats: AttemptHeartbeat[] = [];
  environment.on('heartbeat', (details: AttemptHeartbeat) => beats.push(details));
  return { environment, beats, done: environment.run(() => withHeartbeat(first, body)) };
}

test.each([
  ['text', 'x'.repeat(1_000_000)],
  ['emoji', '🎉'.repeat(1_000)],
  ['quotes', '"\\'.repeat(1_000)],
  ['controls', '\u001B[2J\u0007\u202E'.repeat(1_000)],
])('a beat with a last line of much %s stays below 1 KB and 200 characters', async (_name, lastLine) => {
  const { beats, done } = underFacts(async (pulse) => pulse.send({ lastLine }));
  await done;
  const sent = beats.at(-1);
  expect(Buffer.byteLength(JSON.stringify(sent))).toBeLessThanOrEqual(1024);
  expect(Array.from(sent?.lastLine ?? '').length).toBeLessThanOrEqual(200);
  expect(sent?.lastLine).not.toMatch(/\p{C}/u);
});

test('the first beat goes out before the body begins', async () => {
  const { environment, beats } = underFacts(() => Promise.resolve());
  beats.length = 0;
  const before: AttemptHeartbeat[] = [];
  await environment.run(() => withHeartbeat(first, async () => void before.push(...beats)));
  expect(before.at(-1)).toEqual(first);
});

test('whatever breaks in a cancelled body, the reason of the cancel is thrown', async () => {
  const { environment, done } = underFacts(async ({ signal }) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    throw new DOMException('This operation was aborted', 'AbortError');
  });
  environment.cancel('TIMED_OUT');
  await expect(done).rejects.toBe(environment.context.cancellationSignal.reason);
});

test('a body that finishes all the same delivers its result', async () => {
  const { environment, done } = underFacts(async ({ signal }) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    return noUsage;
  });
  environment.cancel();
  expect(await done).toBe(noUsage);
});

describe('a beating activity', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
  afterEach(() => void vi.useRealTimers());

  it('beats every four seconds until it ends', async () => {
    const env = new MockActivityEnvironment({}, { logger: quiet });
    const beats: unknown[] = [];
    env.on('heartbeat', (details: unknown) => beats.push(details));
    const { wait } = beating({
      wait: async () => {
        await vi.advanceTimersByTimeAsync(12_000);
        return 'done';
      },
    });
    expect(await env.run(wait)).toBe('done');
    await vi.advanceTimersByTimeAsync(12_000);
    expect(beats).toHaveLength(3);
  });

  it('throws the reason of its cancellation, whatever broke in it', async () => {
    const env = new MockActivityEnvironment({}, { logger: quiet });
    const { fetchSlowly } = beating({
      fetchSlowly: async () => {
        env.cancel();
        throw new DOMException('aborted', 'AbortError');
      },
    });
    await expect(env.run(fetchSlowly)).rejects.toBeInstanceOf(CancelledFailure);
  });

  it('throws its own error while nobody cancelled it', async () => {
    const { breaks } = beating({ breaks: async () => Promise.reject(new TypeError('a bug')) });
    await expect(new MockActivityEnvironment({}, { logger: quiet }).run(breaks)).rejects.toThrow('a bug');
  });
});
