import type { Progress } from '../state/folders.ts';

/** First pause before something that died is started again. */
const shortestPauseMs = 1_000;

/** Longest pause: a person who mends the cause sees it work within that. */
const longestPauseMs = 30_000;

/** Having lived for that long, it was well: its death starts the pauses anew. */
const wellAfterMs = 60_000;

/** A process that has to run. */
export interface Kept {
  /** `the worker`; for progress lines. */
  readonly name: string;
  isWell(): Promise<boolean>;
  start(): Promise<void>;
}

/** Starts it again when it died, each time after a longer pause. */
export interface Keeper {
  /** Starts it where it does not run yet. @throws what its start throws. */
  begin(): Promise<void>;
  /** One look: notes a death, or starts it when the pause after one is over. A start that fails is told, and tried again. */
  look(): Promise<void>;
}

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

/** Pause before the next start, from the pause before the last one (0: there was none) and how long that one lived. */
export function nextPauseMs(lastPauseMs: number, livedMs: number): number {
  if (lastPauseMs === 0 || livedMs >= wellAfterMs) return shortestPauseMs;
  return Math.min(lastPauseMs * 2, longestPauseMs);
}
