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

/** Limits that are counted here, since a forge tells of them only when they are broken. */
export type CountName = 'points' | 'search' | 'contentMinute' | 'contentHour';

/** How much was reserved in each step of time: the step's number, and what it holds. */
export type Counts = Readonly<Record<string, number>>;

/** What all processes of a host know of one credential: a small file. Times are epoch ms. */
export interface PaceRecord {
  readonly version: 1;
  readonly server: string;
  /** Where the credential was found. */
  readonly source: string;
  readonly limit: number | null;
  /** Told by the forge, less what was reserved since. */
  readonly remaining: number | null;
  readonly resetsAt: number | null;
  readonly blockedUntil: number | null;
  readonly nextWriteAt: number;
  readonly counts: Readonly<Record<CountName, Counts>>;
}

/** Whether the limits that a forge does not tell of are kept: GitHub's own servers have them, others where they told of any. */
export type Rules = 'always' | 'when-told' | 'never';

interface Limit {
  readonly spanMs: number;
  /** A span and a step hold at most `most`: so does every span, wherever it begins. */
  readonly stepMs: number;
  readonly most: number;
  readonly cost: Readonly<Record<RequestKind, number>>;
}

const limits: Readonly<Record<CountName, Limit>> = {
  points: { spanMs: 60_000, stepMs: 5_000, most: 900, cost: { read: 1, search: 1, write: 5, content: 5 } },
  search: { spanMs: 60_000, stepMs: 5_000, most: 30, cost: { read: 0, search: 1, write: 0, content: 0 } },
  contentMinute: { spanMs: 60_000, stepMs: 5_000, most: 80, cost: { read: 0, search: 0, write: 0, content: 1 } },
  contentHour: { spanMs: 3_600_000, stepMs: 60_000, most: 500, cost: { read: 0, search: 0, write: 0, content: 1 } },
};

const countNames = Object.keys(limits) as readonly CountName[];

/** Most content in an hour, for people. */
export const mostContent = limits.contentHour.most;

/** Between two requests that change something. */
const WRITE_MS = 1_000;

/** Clocks differ: the window of a forge has ended for sure a second later. */
const RESET_MS = 1_000;

/** Longest block that is believed: GitHub's longest window is an hour, and a broken header must not stop work for ever. */
const LONGEST_BLOCK_MS = 65 * 60_000;

/** Turns are reserved for minutes ahead at most; what lies further was written by another clock. */
const AHEAD_MS = 10 * 60_000;

/** A credential that nothing is known of. */
export function freshPace(of: Pick<PaceRecord, 'server' | 'source'>): PaceRecord {
  const told = { limit: null, remaining: null, resetsAt: null, blockedUntil: null };
  const counts = { points: {}, search: {}, contentMinute: {}, contentHour: {} };
  return { version: 1, server: of.server, source: of.source, ...told, nextWriteAt: 0, counts };
}

/** When one request may be sent, and what is then known. */
export interface Turn {
  /** When the request may be sent. */
  readonly at: number;
  /** With that turn in it. */
  readonly record: PaceRecord;
}

/** The first moment from `now` on at which a request breaks no limit, whatever was reserved before. */
export function reserveTurn(
  known: PaceRecord,
  kind: RequestKind,
  at: { readonly now: number; readonly rules: Rules },
): Turn {
  const record = { ...known, counts: recent(known.counts, at.now) };
  const isCounted = at.rules === 'always' || (at.rules === 'when-told' && record.limit !== null);
  const isWrite = kind === 'write' || kind === 'content';
  const writeAt = isWrite && isCounted && record.nextWriteAt < at.now + AHEAD_MS ? record.nextWriteAt : 0;
  let turn = Math.max(at.now, blockOf(record, at.now) ?? 0, writeAt);
  for (let before = -1; isCounted && before !== turn;) {
    before = turn;
    for (const name of countNames) turn = firstFree(record.counts[name], limits[name], { from: turn, kind });
  }
  return { at: turn, record: withTurn(record, kind, turn) };
}

/** Until when nothing is to be asked; null: now is as good as later. */
export function blockOf({ blockedUntil: block, remaining, resetsAt }: PaceRecord, now: number): number | null {
  const reset = remaining === 0 && resetsAt !== null && resetsAt > now ? resetsAt + RESET_MS : 0;
  const until = Math.max(block ?? 0, reset);
  return until > now ? Math.min(until, now + LONGEST_BLOCK_MS) : null;
}

/** What is known after an answer. Answers overtake each other: one of an earlier window says nothing new. */
export function learned(record: PaceRecord, told: LimitTold, now: number): PaceRecord {
  const spent = told.remaining === 0 && told.resetsAt !== null ? told.resetsAt + RESET_MS : 0;
  const block = Math.max(record.blockedUntil ?? 0, told.blockedUntil ?? 0, spent);
  // Kept as it is believed, so that it passes although it was told by a broken header.
  const next = { ...record, blockedUntil: block > now ? Math.min(block, now + LONGEST_BLOCK_MS) : null };
  const isOld = told.resetsAt !== null && record.resetsAt !== null && told.resetsAt < record.resetsAt - RESET_MS;
  if ((told.remaining === null && told.limit === null) || (isOld && record.resetsAt > now)) return next;
  const resetsAt = told.resetsAt === null ? null : Math.min(told.resetsAt, now + LONGEST_BLOCK_MS);
  return { ...next, limit: told.limit, remaining: told.remaining, resetsAt };
}

/** Content that was created in the last hour, as far as this host knows. */
export function contentLastHour(counts: Counts, now: number): number {
  const { spanMs, stepMs } = limits.contentHour;
  const [first, last] = [Math.floor((now - spanMs) / stepMs), Math.floor(now / stepMs)];
  return Object.entries(counts).reduce(
    (sum, [step, n]) => sum + (Number(step) > first && Number(step) <= last ? n : 0),
    0,
  );
}

function withTurn(record: PaceRecord, kind: RequestKind, at: number): PaceRecord {
  const counts = Object.fromEntries(
    countNames.map((name) => {
      const { stepMs, cost } = limits[name];
      const [step, known] = [Math.floor(at / stepMs), record.counts[name]];
      return [name, cost[kind] === 0 ? known : { ...known, [step]: (known[step] ?? 0) + cost[kind] }];
    }),
  ) as Record<CountName, Counts>;
  const isWrite = kind === 'write' || kind === 'content';
  // The turn may be after the reset, where another number counts.
  const isThisWindow = record.resetsAt !== null && at < record.resetsAt;
  const remaining = record.remaining !== null && isThisWindow ? Math.max(0, record.remaining - 1) : record.remaining;
  return { ...record, counts, remaining, nextWriteAt: isWrite ? at + WRITE_MS : record.nextWriteAt };
}

/** The first moment whose step takes the cost, in every span that holds it: turns may be reserved behind it already. */
function firstFree(
  counts: Counts,
  { spanMs, stepMs, most, cost }: Limit,
  { from, kind }: { readonly from: number; readonly kind: RequestKind },
): number {
  if (cost[kind] === 0) return from;
  const steps = spanMs / stepMs;
  const sumFrom = (first: number) => {
    let sum = 0;
    for (let step = first; step <= first + steps; step += 1) sum += counts[step] ?? 0;
    return sum;
  };
  const isFree = (step: number) => {
    for (let first = step - steps; first <= step; first += 1) if (sumFrom(first) + cost[kind] > most) return false;
    return true;
  };
  const start = Math.floor(from / stepMs);
  let step = start;
  while (!isFree(step)) step += 1; // ends behind the last step that holds anything
  return step === start ? from : step * stepMs;
}

/** Without what is over, and without what no turn can have written. */
function recent(counts: PaceRecord['counts'], now: number): PaceRecord['counts'] {
  const entries = countNames.map((name) => {
    const { spanMs, stepMs } = limits[name];
    const isRecent = (step: number) => step >= Math.floor((now - spanMs) / stepMs) && step * stepMs < now + AHEAD_MS;
    return [name, Object.fromEntries(Object.entries(counts[name]).filter(([step]) => isRecent(Number(step))))];
  });
  return Object.fromEntries(entries) as PaceRecord['counts'];
}
