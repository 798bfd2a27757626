/** Longest wait for a reported reset: windows last hours, and a wrong clock must not cost more than a day. */
const QUOTA_CAP_MS = 24 * 3_600_000;

/** First wait without a reported reset; each further one is twice as long. */
const QUOTA_UNKNOWN_MS = 60_000;

/** Longest of these waits. */
const QUOTA_LOOK_MS = 30 * 60_000;

/** Spreads the agents of one account over this long after its reset. */
const QUOTA_JITTER_MS = 30_000;

/** Shortest wait if the account is used up again at once, and twice as long each time: a past reset must not loop. */
const QUOTA_AGAIN_MS = 30_000;

/** How long to wait for the quota of an account, in milliseconds. */
export function quotaWait(limited: {
  /** As the agent reported it, epoch ms; null: not told. */
  readonly resetsAt: number | null;
  /** How many times in a row it was used up, from 1. */
  readonly nth: number;
  readonly now: number;
  /** From 0 up to 1. */
  readonly random: number;
}): number {
  const { resetsAt, nth, now, random } = limited;
  const told = resetsAt === null ? doubling(QUOTA_UNKNOWN_MS, nth) : resetsAt - now;
  const floor = nth === 1 ? 0 : doubling(QUOTA_AGAIN_MS, nth - 1);
  const wait = Math.min(Math.max(told, floor), QUOTA_CAP_MS);
  return wait + Math.min(Math.floor(random * QUOTA_JITTER_MS), wait);
}

function doubling(first: number, nth: number): number {
  return Math.min(first * 2 ** (nth - 1), QUOTA_LOOK_MS);
}
