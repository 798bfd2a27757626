/** What a request costs a forge: reads are cheap, content notifies people, and searching is limited by itself. */
export type RequestKind = 'read' | 'search' | 'write' | 'content';

/** What a forge said of its limits in an answer. */
export interface LimitTold {
  readonly limit: number | null;
  readonly remaining: number | null;
  /** When the window ends; epoch ms. */
  readonly resetsAt: number | null;
  /** Nothing more is to be asked until then; epoch ms. */
  readonly blockedUntil: number | null;
}

/** One limiter a credential, over all processes of this host. */
export interface Pace {
  /** Waits for the turn of one request. @throws the signal's reason. @throws ForgeError `rate-limit` where the wait is longer than an activity should take. */
  turn(kind: RequestKind, signal?: AbortSignal): Promise<void>;
  learn(told: LimitTold): Promise<void>;
}
