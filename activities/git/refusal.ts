import type { ForgeErrorKind } from '../../workflows/domain/forge/error-kind.ts';
import { ForgeError } from '../failure/forge-error.ts';
import { isHttp } from './access.ts';
import { gitWords, type GitAnswer } from '../failure/git-error.ts';

/** What was asked of which remote. */
export interface RemoteQuestion {
  readonly remote: string;
  /** `fetch main`, `push millrace/7-fix`. */
  readonly what: string;
}

interface KnownWords {
  readonly words: RegExp;
  readonly kind: ForgeErrorKind;
  readonly mend: string;
}

const rights =
  'give the credential write access to code (GitHub: contents, Gitea: write:repository) on that repository';

/** What GitHub, Gitea and git say when a server looked at no ref at all; the first match counts. */
const unanswered: readonly KnownWords[] = [
  {
    words: /\barchived\b.*(read-only)?|is read-only/i,
    kind: 'read-only',
    mend: 'take the repository out of the archive, or work on another one',
  },
  {
    words:
      /Authentication failed|could not read (Username|Password)|Failed to authenticate user|Invalid username or|password authentication was removed|returned error: 401/i,
    kind: 'auth',
    mend: 'renew it, or set another one, and start the worker again',
  },
  { words: /returned error: 429/, kind: 'rate-limit', mend: 'wait' },
  {
    words: /returned error: 403|Permission to .* denied|User permission denied|access to repository not granted/i,
    kind: 'forbidden',
    mend: rights,
  },
  {
    words: /Repository not found|repository '.*' not found|returned error: (404|410)/i,
    kind: 'not-found',
    mend: 'correct the address, or give the credential access: servers hide what it may not see',
  },
  {
    words: /returned error: 30[12378]|unable to update url base from redirection/i,
    kind: 'invalid',
    mend: 'the repository has moved: `git remote set-url origin` to its new address, and start the batch again',
  },
];

/** What they say when a server did not take a ref. */
const rejected: readonly KnownWords[] = [
  { words: /User permission denied for writing/, kind: 'forbidden', mend: rights },
  {
    words: /Not allowed to (force-)?push to protected branch|protected branch hook declined|GH006/,
    kind: 'forbidden',
    mend: 'a rule protects that branch: leave `millrace/*` out of it, or let the account push there',
  },
  {
    words: /refusing to allow .* to create or update workflow/,
    kind: 'forbidden',
    mend: 'the work changes CI files, for which the credential needs the right `workflows`; a person may push it instead',
  },
];

/** The error of a server that refuses us over HTTP for good; null: it does not, or the remote is reached in another way. */
export function gitErrorOf(answer: GitAnswer, question: RemoteQuestion): ForgeError | null {
  return isHttp(question.remote) ? refusalIn(unanswered, answer, question) : null;
}

/** The same for a push whose ref was not taken, if that says nothing about where the branch is. */
export function pushErrorOf(answer: GitAnswer, question: RemoteQuestion): ForgeError | null {
  return isHttp(question.remote) ? refusalIn(rejected, answer, question) : null;
}

function refusalIn(
  table: readonly KnownWords[],
  answer: GitAnswer,
  { remote, what }: RemoteQuestion,
): ForgeError | null {
  const told = `${answer.stderr}\n${answer.stdout}`;
  const refusal = table.find(({ words }) => words.test(told));
  if (!refusal) return null;
  const shown = answer.shown === undefined ? 'no credential' : `the credential of ${answer.shown}`;
  const message = `${remote} refuses to ${what}, having been shown ${shown}: ${gitWords(answer)}; ${refusal.mend}`;
  return new ForgeError(refusal.kind, message, { operation: `git ${what}` });
}
