import type { Account } from '../account.ts';
import { keyIn, type Key } from '../key.ts';

/** Something that an account wrote. */
export interface Written {
  readonly author: Account | null;
  readonly body: string;
}

/** The key that something carries; null: it has none, or somebody else wrote it, since anybody can paste a marker. */
export function ourKey(written: Written, me: Account): Key | null {
  return written.author?.id === me.id ? keyIn(written.body) : null;
}

/** The key of the issue that a pull request of ours was opened for. */
export function issueKeyOf(key: Key | null): string | null {
  return key === null ? null : (/^issue\/([^/]+)$/.exec(key)?.[1] ?? null);
}

/** Compared as forges show them: line ends are theirs, and so is white space at the end. */
export function sameText(one: string, other: string): boolean {
  return plain(one) === plain(other);
}

function plain(text: string): string {
  return text.replaceAll('\r\n', '\n').trimEnd();
}
