/** How one check of a commit stands on the forge; a neutral or skipped one is a success. */
export type CiCheckState = 'pending' | 'success' | 'failure';

/** One check that the forge runs on a commit: a check run, or a status that something set. */
export interface CiCheck {
  /** As the forge shows it; untrusted. */
  readonly name: string;
  readonly source: 'check' | 'status';
  readonly state: CiCheckState;
  /** A rule of the base branch demands it; null: the forge does not tell. */
  readonly required: boolean | null;
  readonly url: string | null;
  /** How its adapter finds the log and starts it again; null: it cannot. */
  readonly job: string | null;
}

/** What CI says of exactly one commit; our own `millrace/*` statuses are none of it. */
export interface CiState {
  readonly sha: string;
  /** `none`: nothing has registered, which counts only after a time of grace. */
  readonly overall: 'none' | CiCheckState;
  /** False: the credential may not read all of it, so that green is not known to be green. */
  readonly complete: boolean;
  readonly checks: readonly CiCheck[];
}

/** The checks of one commit as one: red as soon as one is red, green when all are. */
export function foldCi(sha: string, checks: readonly CiCheck[], complete = true): CiState {
  const states = new Set(checks.map(({ state }) => state));
  const overall = states.has('failure') ? 'failure' : states.has('pending') ? 'pending' : 'success';
  return { sha, overall: checks.length === 0 ? 'none' : overall, complete, checks };
}

/** What is read of a published head in one look: its CI, and what became of its pull request. */
export interface CiReading {
  readonly ci: CiState;
  /** Null: there is none. */
  readonly pull: {
    readonly state: 'open' | 'closed' | 'merged';
    readonly head: string;
    readonly mergeSha: string | null;
  } | null;
}

/** What an issue knows while it waits for CI. */
export interface CiWait {
  readonly head: string;
  /** Since the head was pushed, or its checks were started again. */
  readonly waitedMs: number;
  readonly timeoutMs: number;
  /** The failed checks of this head were started again once already. */
  readonly rerun: boolean;
  /** The policy merges: what cannot be read may not count as green. */
  readonly lands: boolean;
  /** The forge was asked to merge on green. */
  readonly armed: boolean;
}

/** What follows from a look at CI. */
export type CiNext =
  | { readonly kind: 'wait' }
  | { readonly kind: 'green' }
  /** Start the failed checks again: flaky jobs must cost nothing. */
  | { readonly kind: 'rerun' }
  /** Red, and not by chance: the agent gets the logs. */
  | { readonly kind: 'red'; readonly failed: readonly string[] }
  /** On the base, by whomever. */
  | { readonly kind: 'merged'; readonly sha: string }
  /** A person has to decide. */
  | { readonly kind: 'ask'; readonly reason: string };

/** CI registers late: until then no checks does not mean that there are none. From Gitea Actions' 2 s and a busy forge. */
export const CI_GRACE_MS = 60_000;

/** Shortest and longest pause between two looks; a look costs the forge two or three requests. */
const FIRST_PAUSE_MS = 15_000;
const LONGEST_PAUSE_MS = 300_000;

/** How long to wait before look number `nth` (from 1): 15 s, then half as long again each time, up to 5 minutes. */
export function ciPause(nth: number): number {
  return Math.min(LONGEST_PAUSE_MS, Math.round(FIRST_PAUSE_MS * 1.5 ** (nth - 1)));
}

/** Decides what one look at CI means. */
export function afterCi({ ci, pull }: CiReading, wait: CiWait): CiNext {
  if (pull?.state === 'merged') return { kind: 'merged', sha: pull.mergeSha ?? pull.head };
  if (pull?.state === 'closed') return { kind: 'ask', reason: 'its pull request was closed by a person' };
  if (pull && pull.head !== wait.head) {
    const now = `its branch is at ${pull.head.slice(0, 12)}, not at the reviewed ${wait.head.slice(0, 12)}`;
    return { kind: 'ask', reason: `${now}: somebody pushed to it` };
  }
  const { overall, checks } = demanded(ci);
  switch (overall) {
    case 'failure': {
      const failed = checks.flatMap(({ name, state }) => (state === 'failure' ? [name] : []));
      return wait.rerun ? { kind: 'red', failed } : { kind: 'rerun' };
    }
    case 'pending':
      return wait.waitedMs < wait.timeoutMs ? { kind: 'wait' } : late('CI has not finished', wait);
    case 'none':
      if (wait.waitedMs < CI_GRACE_MS) return { kind: 'wait' };
      return afterGreen(wait, ci);
    case 'success':
      return afterGreen(wait, ci);
  }
}

function afterGreen(wait: CiWait, { complete }: CiState): CiNext {
  if (wait.armed)
    return wait.waitedMs < wait.timeoutMs
      ? { kind: 'wait' }
      : late('the forge has not merged it, although CI is green', wait);
  if (wait.lands && !complete)
    return { kind: 'ask', reason: 'the credential may not read all checks, so that green is not known to be green' };
  return { kind: 'green' };
}

/** Whether CI lets it land, by the same measure as a look at it: two measures would send an issue to and fro for ever. */
export function letsLand(ci: CiState): boolean {
  const { overall } = demanded(ci);
  return overall === 'success' || overall === 'none';
}

function late(what: string, { timeoutMs }: CiWait): CiNext {
  return { kind: 'ask', reason: `${what} within ${Math.round(timeoutMs / 60_000)} minutes` };
}

/** Where the base demands certain checks, the others do not block. */
function demanded(ci: CiState): CiState {
  const required = ci.checks.filter((check) => check.required === true);
  if (required.length === 0) return ci;
  return foldCi(
    ci.sha,
    ci.checks.filter((check) => check.required !== false),
    ci.complete,
  );
}
