import { cleanText, cut } from '../../workflows/domain/words.ts';
import { headOf } from './cut.ts';

/** An HTML comment, or one that never ends. */
const comment = /<!--[\s\S]*?(?:-->|$)/g;

/** Longest text of one issue, list of findings or output in a prompt; bytes. */
const LONGEST = 64 * 1024;

/** Text of a forge as a person sees it on its page: clean, without comments. */
export function visibleText(text: string): string {
  return cleanText(text).replace(comment, ' '); // a space: what the comment had split could form a comment now
}

/** The same, at most 64 KB. */
export function promptText(text: string): string {
  return cutText(visibleText(text), LONGEST);
}

/** The same on one line: every run of white space becomes one space; cut to `length` UTF-16 units. */
export function visibleLine(text: string, length: number): string {
  return cut(visibleText(text).replace(/\s+/g, ' ').trim(), length);
}

/** Cuts a text to so many bytes, and says in it that it was cut. */
export function cutText(text: string, bytes: number): string {
  const head = headOf(text, bytes);
  return head === text ? text : `${head}\n(cut at ${Math.floor(bytes / 1024)} KB)`;
}
