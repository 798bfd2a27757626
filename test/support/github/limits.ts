import type { AccountRecord } from './state.ts';

/** What is left of an account's hour. */
export interface Limits {
  /** Headers of an answer; `counted`: it cost one. */
  spend(account: AccountRecord | null, counted: boolean): Readonly<Record<string, string>>;
  isUp(account: AccountRecord | null): boolean;
  /** Sets what is left, and when the hour ends (epoch ms). */
  set(account: AccountRecord, to: { readonly remaining: number; readonly resetsAt?: number }): void;
  overview(account: AccountRecord): unknown;
  clear(): void;
}

const LIMIT = 5000;

export function createLimits(): Limits {
  const windows = new Map<number, { remaining: number; reset: number }>();
  const of = (account: AccountRecord | null) => {
    const id = account?.id ?? 0;
    const known = windows.get(id) ?? { remaining: LIMIT, reset: Math.ceil(Date.now() / 1000) + 3600 };
    if (known.reset * 1000 <= Date.now())
      Object.assign(known, { remaining: LIMIT, reset: Math.ceil(Date.now() / 1000) + 3600 });
    windows.set(id, known);
    return known;
  };
  return {
    spend(account, counted) {
      const window = of(account);
      if (counted && window.remaining > 0) window.remaining -= 1;
      return {
        'x-ratelimit-limit': String(LIMIT),
        'x-ratelimit-remaining': String(window.remaining),
        'x-ratelimit-used': String(LIMIT - window.remaining),
        'x-ratelimit-reset': String(window.reset),
        'x-ratelimit-resource': 'core',
      };
    },
    isUp: (account) => of(account).remaining === 0,
    set: (account, { remaining, resetsAt }) => {
      const reset = resetsAt === undefined ? of(account).reset : Math.ceil(resetsAt / 1000);
      windows.set(account.id, { remaining, reset });
    },
    overview(account) {
      const { remaining, reset } = of(account);
      const core = { limit: LIMIT, remaining, reset, used: LIMIT - remaining };
      return { resources: { core, search: { limit: 30, remaining: 30, reset, used: 0 }, graphql: core }, rate: core };
    },
    clear: () => windows.clear(),
  };
}
