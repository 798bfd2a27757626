import { CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { beating } from '../../activities/beat.ts';

const quiet = new DefaultLogger('ERROR', () => undefined);

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
