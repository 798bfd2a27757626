import { ApplicationFailure } from '@temporalio/common';
import type { DoorProblem, Refusal } from '../../workflows/domain/forge/forge-question.ts';
import { isFailureType } from '../../workflows/domain/failure.ts';
import { toFailure } from './failure.ts';
import { ForgeError, type ForgeErrorKind } from './forge-error.ts';
import { GitError, GitFailure, GitUnanswered } from '../git/git.ts';
import { scrub } from '../text/scrub.ts';

/** Longest words of a forge that a terminal shows. */
const LONGEST_WORDS = 2_000;

/** What was asked of a forge can't be as it was written; told before anything starts. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly problems: readonly DoorProblem[];

  constructor(problems: readonly DoorProblem[]) {
    super(problems.map(({ where, what }) => `${where}: ${what}`).join('\n'));
    this.problems = problems;
  }
}

/** An error as the answer to a person's question. @throws what is a bug. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refused) {
    return { kind: 'refused', because: 'input', failure: null, problems: error.problems };
  }
  const failure = toFailure(error);
  if (!(failure instanceof ApplicationFailure) || !isFailureType(failure.type)) throw error;
  const isForge = error instanceof ForgeError;
  const where = scrub((isForge && error.operation) || 'forge');
  // Nobody tries again for a person who asked: the forge's own words, without what a failure says of that.
  const isTold = isForge || error instanceof GitError || error instanceof GitFailure || error instanceof GitUnanswered;
  const words = isTold ? scrub(error.message).slice(0, LONGEST_WORDS) : failure.message;
  // Adapters begin with what they asked for, which is the place here.
  const what = words.startsWith(`${where}: `) ? words.slice(where.length + 2) : words;
  const mend = isForge ? mendOf(error) : 'look whether origin can be reached from here by git; then try again';
  const because = isForge && !isPassing(error.kind) ? 'input' : 'forge';
  return { kind: 'refused', because, failure: failure.type, problems: [{ where, what, mend }] };
}

/** Whether the same question may have an answer later. */
function isPassing(kind: ForgeErrorKind): boolean {
  return ['network', 'server', 'rate-limit', 'response-invalid', 'changed', 'merge-not-ready'].includes(kind);
}

function mendOf({ kind, retryAfterMs }: ForgeError): string {
  switch (kind) {
    case 'network':
      return 'look whether the forge can be reached from here, and whether `forge: { url: ... }` is its address; then try again';
    case 'server':
    case 'changed':
    case 'merge-not-ready':
      return 'nothing was started; try again in a minute';
    case 'rate-limit':
      return `try again ${retryAfterMs === null ? 'later' : `in ${Math.ceil(retryAfterMs / 60_000)} min`}: the credential has used up what the forge allows`;
    case 'response-invalid':
      return 'look whether `forge: { url: ... }` is the address of the forge itself, and not of a proxy before it';
    case 'auth':
      return 'give a credential that this forge takes; `millrace doctor` says which one is used, docs/forges.md where others are looked for';
    case 'forbidden':
    case 'rejected':
      return 'give the credential the right that is named, or ask with another one; `millrace doctor` lists what is missing';
    case 'not-found':
      return 'correct the name; a forge also says so of what the credential may not see';
    case 'unsupported':
      return 'give a plan instead, or name another forge: `--forge KIND`';
    case 'merge-blocked':
    case 'stale-head':
    case 'conflict':
    case 'not-mergeable':
    case 'already-exists':
    case 'self-review':
    case 'bad-position':
    case 'no-commits':
    case 'invalid':
    case 'read-only':
      return 'change what the forge names, then try again';
  }
}
