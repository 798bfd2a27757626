import { cut, headOf } from './cut.ts';

/** Characters that a model sees, but a reader does not; newline and tab stay. */
const invisible = /(?![\n\t])[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}]/gu;

/** An HTML comment, or one that never ends. */
const comment = /<!--[\s\S]*?(?:-->|$)/g;

/** Longest text of one issue, list of findings or output in a prompt; bytes. */
const LONGEST = 64 * 1024;

/** Untrusted text as a person would see it: composed, without invisible characters or comments. */
export function visibleText(text: string): string {
  const visible = text.replaceAll('\r\n', '\n').normalize('NFC').replace(invisible, '');
  return visible.replace(comment, ' '); // a space: what the comment had split could form a comment now
}

/** The same, at most 64 KB. */
export function cleanText(text: string): string {
  return cutText(visibleText(text), LONGEST);
}

/** The same on one line: every run of white space becomes one space; cut to `length` UTF-16 units. */
export function cleanLine(text: string, length: number): string {
  return cut(visibleText(text).replace(/\s+/g, ' ').trim(), length);
}

/** Cuts a text to so many bytes, and says in it that it was cut. */
export function cutText(text: string, bytes: number): string {
  const head = headOf(text, bytes);
  return head === text ? text : `${head}\n(cut at ${Math.floor(bytes / 1024)} KB)`;
}
