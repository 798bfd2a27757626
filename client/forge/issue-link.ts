import type { ForgePlace } from '../../workflows/domain/settings.ts';
import { UsageError } from '../input/errors.ts';
import { cleanLine } from '../../workflows/domain/words.ts';

/** An issue by its address in a browser. */
export interface IssueLink {
  /** As it was typed. */
  readonly typed: string;
  /** Its repository: the address in lower case, without scheme and `www`. */
  readonly repository: string;
  readonly number: number;
}

/** Whether an argument looks like an address. */
export function isAddress(argument: string): boolean {
  return /^https?:\/\//i.test(argument);
}

/** Reads the address of an issue. @throws UsageError for any other address. */
export function readIssueLink(typed: string): IssueLink {
  const url = URL.canParse(typed) ? new URL(typed) : null;
  const found = /^(\/.+)\/issues\/([1-9]\d{0,8})\/?$/.exec(url?.pathname ?? '');
  if (url !== null && found) {
    return { typed, repository: addressOf(`${url.origin}${found[1]}`), number: Number(found[2]) };
  }
  const isPull = /\/pulls?\/\d+/.test(url?.pathname ?? '');
  throw new UsageError({
    where: cleanLine(typed, 200),
    what: isPull ? 'is the address of a pull request, not of an issue' : 'is not the address of an issue',
    mend: 'give the number of an issue, `42`, or its address: `https://HOST/OWNER/NAME/issues/42`',
  });
}

/** Refuses issues of another repository than the one that is worked on. @throws UsageError */
export function requireOwnLinks(links: readonly IssueLink[], { url, owner, name }: ForgePlace): void {
  const own = addressOf(`${url}/${owner}/${name}`);
  const others = links.filter(({ repository }) => repository !== own);
  if (others.length === 0) return;
  throw new UsageError(
    others.map(({ typed, repository }) => ({
      where: cleanLine(typed, 200),
      what: `is an issue of ${cleanLine(repository, 200)}, and the work is on ${owner}/${name} at ${url}`,
      mend: 'start another batch in a clone of that repository: `-C FOLDER`',
    })),
  );
}

function addressOf(address: string): string {
  return address.toLowerCase().replace(/^https?:\/\/(?:www\.(?=github\.com\/))?/, '');
}
