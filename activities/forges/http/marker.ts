import type { Account } from '../account.ts';
import { keyIn, type Key } from '../key.ts';

/** Something that an account wrote. */
export interface Written {
  readonly author: Account | null;
  readonly body: string;
}

/** The key in a text of ours; null: it has none, or somebody else wrote it: anybody can paste a marker. */
export function ourKey(written: Written, me: Account): Key | null {
  return written.author?.id === me.id ? keyIn(written.body) : null;
}

/** The key of the issue that a pull request of ours was opened for. */
export function issueKeyOf(key: Key | null): string | null {
  return key === null ? null : (/^issue\/([^/]+)$/.exec(key)?.[1] ?? null);
}

/** Compares texts without regard to line ends and trailing white space, which forges change. */
export function sameText(one: string, other: string): boolean {
  return plain(one) === plain(other);
}

function plain(text: string): string {
  return text.replaceAll('\r\n', '\n').trimEnd();
}
