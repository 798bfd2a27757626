import type { Progress } from '../state/folders.ts';

/** Pause before the first restart of something that died. */
const shortestPauseMs = 1_000;

/** Longest pause: a person who fixes the cause sees it work within this time. */
const longestPauseMs = 30_000;

/** A process that lived this long was well: its next death starts with the shortest pause. */
const wellAfterMs = 60_000;

/** A process that has to run. */
export interface Kept {
  /** `the worker`; for progress lines. */
  readonly name: string;
  isWell(): Promise<boolean>;
  start(): Promise<void>;
}

/** Restarts a process that died, each time after a longer pause. */
export interface Keeper {
  /** Starts it if it does not run yet. @throws what its start throws. */
  begin(): Promise<void>;
  /** Looks once: notes a death, or restarts the process when its pause is over. Reports a start that fails, and tries again later. */
  look(): Promise<void>;
}

/** Builds a keeper that has started nothing yet; it tells deaths and restarts to `progress`. */
export function createKeeper(kept: Kept, progress: Progress): Keeper {
  let startedAt = performance.now();
  let pauseMs = 0;
  let dueAt: number | null = null;

  const died = (words: string) => {
    pauseMs = nextPauseMs(pauseMs, performance.now() - startedAt);
    dueAt = performance.now() + pauseMs;
    progress(`${kept.name} ${words}; starting it again in ${pauseMs / 1_000} s`);
  };
  const start = async () => {
    startedAt = performance.now();
    await kept.start();
  };
  return {
    async begin() {
      if (!(await kept.isWell())) await start();
    },
    async look() {
      if (await kept.isWell()) dueAt = null;
      else if (dueAt === null) died('is gone');
      else if (performance.now() >= dueAt) {
        await start().then(
          () => progress(`${kept.name} runs again`),
          (error: unknown) => died(`does not start: ${error instanceof Error ? error.message : String(error)}`),
        );
      }
    },
  };
}

/** Pause before the next start, given the pause before the last one (0: none) and how long that process lived. */
export function nextPauseMs(lastPauseMs: number, livedMs: number): number {
  if (lastPauseMs === 0 || livedMs >= wellAfterMs) return shortestPauseMs;
  return Math.min(lastPauseMs * 2, longestPauseMs);
}
