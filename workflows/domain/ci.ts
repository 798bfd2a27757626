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
