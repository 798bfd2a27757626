/**
 * What a reader cannot see but an agent, a terminal or a forge obeys: controls but newline and tab, and characters that
 * format, that are ignored, or that nobody or everybody may define. One set for everything that we show, write or pass
 * on. Which characters are defined is the Unicode of the Node that runs it: not for a decision of a workflow.
 */
const hidden = /(?![\n\t])[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;

/** Text without hidden characters, `\n` its only line end. */
export function withoutHidden(text: string): string {
  return text.replace(/\r\n?|[\u2028\u2029]/g, '\n').replace(hidden, '');
}

/** Untrusted text as a person sees it: the same, and composed (NFC). */
export function cleanText(text: string): string {
  return withoutHidden(text).normalize('NFC');
}

/** `cleanText` on one line: every run of white space becomes one space; cut to `length` UTF-16 units. */
export function cleanLine(text: string, length: number): string {
  return cut(cleanText(text).replace(/\s+/g, ' ').trim(), length);
}

/** A text of at most so many UTF-16 units, its end `…` where something is missing; never half of a surrogate pair. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** A time for people: `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function durationWords(ms: number): string {
  // Each unit is rounded before it is chosen, or 59.97 s would be 60.0.
  const tenths = Math.round(ms / 100);
  if (tenths < 100) return `${(tenths / 10).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** An amount that was spent, to the cent. */
export function moneyWords(costUsd: number): string {
  return `$${costUsd.toFixed(2)}`;
}
