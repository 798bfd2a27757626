import { ApplicationFailure } from '@temporalio/common';
import type { ForgeProblem, Refusal } from '../../workflows/domain/forge/forge-question.ts';
import { isFailureType } from '../../workflows/domain/failure.ts';
import { forgeErrors } from '../../workflows/domain/forge/error-kind.ts';
import { toFailure } from './failure.ts';
import { ForgeError } from './forge-error.ts';
import { GitError, GitFailure, GitUnanswered } from './git-error.ts';
import { scrub } from '../text/scrub.ts';

/** Most characters of a forge's words that a terminal shows. */
const LONGEST_WORDS = 2_000;

/** The request to a forge is impossible as it was written; thrown before anything starts. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly problems: readonly ForgeProblem[];

  constructor(problems: readonly ForgeProblem[]) {
    super(problems.map(({ where, what }) => `${where}: ${what}`).join('\n'));
    this.problems = problems;
  }
}

/** Turns an error into the answer to a person's question. @throws the error if it is a bug. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refused) {
    return { kind: 'refused', because: 'input', failure: null, problems: error.problems };
  }
  const failure = toFailure(error);
  if (!(failure instanceof ApplicationFailure) || !isFailureType(failure.type)) throw error;
  const isForge = error instanceof ForgeError;
  const where = scrub((isForge && error.operation) || 'forge');
  // A person's question is not retried, so the forge's own words are shown without the sentence about retries.
  const isTold = isForge || error instanceof GitError || error instanceof GitFailure || error instanceof GitUnanswered;
  const words = isTold ? scrub(error.message).slice(0, LONGEST_WORDS) : failure.message;
  // Adapters begin their words with the request, which is already shown as the place.
  const what = words.startsWith(`${where}: `) ? words.slice(where.length + 2) : words;
  const mend = isForge ? mendOf(error) : 'look whether origin can be reached from here by git; then try again';
  const because = isForge && !forgeErrors[error.kind].passes ? 'input' : 'forge';
  return { kind: 'refused', because, failure: failure.type, problems: [{ where, what, mend }] };
}

function mendOf({ kind, retryAfterMs }: ForgeError): string {
  const { mend } = forgeErrors[kind];
  return typeof mend === 'string' ? mend : mend(retryAfterMs);
}
