/** Characters that a reader does not see, but a model does; newline and tab stay. */
const invisible = /(?![\n\t])[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}]/gu;

/** An HTML comment, or one that never ends. */
const comment = /<!--[\s\S]*?(?:-->|$)/g;

/** Longest text of one issue, finding list or output in a prompt; bytes. */
const LONGEST = 64 * 1024;

/** Untrusted text as a person would see it: composed, without invisible characters and comments, at most 64 KB. */
export function cleanText(text: string): string {
  const visible = text.replaceAll('\r\n', '\n').normalize('NFC').replace(invisible, '');
  const clean = visible.replace(comment, ' '); // a space, or what it had split would be a comment now
  const bytes = Buffer.from(clean);
  if (bytes.length <= LONGEST) return clean;
  return `${bytes
    .subarray(0, LONGEST)
    .toString('utf8')
    .replace(/\uFFFD+$/, '')}\n(cut at 64 KB)`;
}
