/** Characters that a reader cannot see but an agent obeys: format, private, unassigned and ignorable ones. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Co}\p{Cn}\p{Cs}]/gu;

/** C0 and C1 except newline and tab. */
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Untrusted text as a person sees it: NFC, `\n` line ends, nothing invisible, no terminal controls. */
export function cleanText(text: string): string {
  return text
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .normalize('NFC')
    .replace(INVISIBLE, '')
    .replace(CONTROL, '');
}

/** `cleanText` on one line: every run of white space becomes one space; cut to `length` UTF-16 units. */
export function cleanLine(text: string, length: number): string {
  const line = cleanText(text).replace(/\s+/g, ' ').trim();
  if (line.length <= length) return line;
  // Not in the middle of a surrogate pair.
  return `${line.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** Quotes a piece of the user's input in a message: one line, at most 60 characters. */
export function quote(text: string): string {
  return `"${cleanLine(text, 60)}"`;
}
