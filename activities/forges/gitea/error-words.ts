import type { ForgeErrorKind } from '../../../workflows/domain/forge/error-kind.ts';
import { cleanLine } from '../../../workflows/domain/words.ts';

/** An answer of Gitea that is not a success. */
export interface GiteaRefusal {
  /** `POST /repos/o/r/pulls`. */
  readonly operation: string;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** The next step to take, if the answer suggests one. */
export function hint(kind: ForgeErrorKind, { status, headers, text }: GiteaRefusal): string {
  const scopes = /required=\[([^\]]{1,200})\]/.exec(text)?.[1];
  if (kind === 'forbidden' && scopes) return `; the token lacks the scope ${oneLine(scopes)}`;
  if (kind === 'auth') return '; the token is not, or no longer, valid there';
  if (kind === 'not-found') return '; a token that may not see it gets this answer too';
  const moved = status >= 300 && status < 400 ? headers.get('location') : null;
  return moved ? `; it has moved to ${oneLine(moved)}: set the repository's new name` : '';
}

/** What Gitea says in the body of an answer, on one line. */
export function wordsIn(text: string): string {
  try {
    const answer = JSON.parse(text) as unknown;
    if (typeof answer === 'object' && answer !== null && 'message' in answer) return oneLine(String(answer.message));
  } catch {
    // Not JSON: use it as it is.
  }
  return oneLine(text);
}

function oneLine(text: string): string {
  return cleanLine(text.slice(0, 600), 300);
}
