import { cut, withoutHidden } from '../../workflows/domain/words.ts';
import { scrub } from '../text/scrub.ts';

/** Zero width space: it breaks what a forge would act on, and a person does not see it. */
const BREAK = '\u200B';

/** A word that closes an issue when a reference follows it, in the spellings of GitHub and Gitea. */
const closing =
  /\b(clos(?:e[sd]?|ing)|fix(?:e[sd]|ing)?|resolv(?:e[sd]?|ing)|reopen(?:s|ed|ing)?|implement(?:s|ed|ing)?)(?=[\s:*_~`([]{1,16}(?:[#!]|gh-|https?:\/\/|[\w.-]{1,100}\/[\w.-]{1,100}[#!]))/gi;

/** Text of an agent or an issue, made harmless for a forge: it closes nothing, calls nobody, hides nothing, and has at most `max` characters. */
export function harmless(text: string, max: number): string {
  return honest(text, max)
    .replace(/<!/g, '&lt;!')
    .replace(closing, `$1${BREAK}`)
    .replace(/([#!]|\bgh-)(?=\d)/gi, `$1${BREAK}`)
    .replace(/@(?=[\w-])/g, `@${BREAK}`);
}

/** The same on one line, for titles and table cells. */
export function oneLine(text: string, max: number): string {
  return harmless(onLine(text, max), max).trim(); // a hidden character before a space is gone, but the space is still there
}

/** One line for places where no server acts on words: it hides nothing, and nothing in it is broken up. */
export function plainLine(text: string, max: number): string {
  return honest(onLine(text, max), max).trim();
}

/** A text as a person would see it, without secrets, at most `max` characters. */
function honest(text: string, max: number): string {
  return cut(scrub(withoutHidden(text)), max);
}

function onLine(text: string, max: number): string {
  return text
    .slice(0, max * 8)
    .replace(/\s+/g, ' ')
    .trim();
}

/** The same as a quotation: a heading, a table, a fence or a command in it stays somebody else's words. */
export function quoted(text: string, max: number): string {
  const lines = harmless(text, max).trim().split('\n');
  return lines.map((line) => `> ${line}`.trimEnd()).join('\n');
}

/** The same as a code span, which no path or id can break out of. */
export function inCode(text: string, max = 200): string {
  const inner = oneLine(text, max).replace(/`/g, "'").replace(/\|/g, '\\|');
  return inner === '' ? '' : `\`${inner}\``;
}
