import type { ForgePlace } from '../../../workflows/domain/settings.ts';

/** Where forges ignore closing words: comments, code blocks and code spans. */
const unread = /<!--[\s\S]*?(?:-->|$(?![\s\S]))|^(```|~~~)[\s\S]*?(?:^\1|$(?![\s\S]))|`[^`\n]*`/gm;

const closing = /\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+(?:(\S*?)(?:#|\/issues\/)|GH-)(\d{1,9})\b/gi;

/** Whether merging a pull request with that text closes the issue. */
export function closesIssue(text: string, issue: { readonly number: number; readonly place: ForgePlace }): boolean {
  const { url, owner, name } = issue.place;
  const here = ['', `${owner}/${name}`, `${url}/${owner}/${name}`].map((each) => each.toLowerCase());
  return [...text.replace(unread, ' ').matchAll(closing)].some(
    ([, where = '', number]) => Number(number) === issue.number && here.includes(where.toLowerCase()),
  );
}
